"""The register of interventions that the settings name, with the file of its areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.errors import SettingsError
from hotspots.pipeline.tables import crime_sets
from hotspots.schema import ACTIONS, empty
from hotspots.settings import expand
from hotspots.sources import intervention_areas, interventions
from hotspots.sources.interventions import RegisterFile

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from hotspots.settings import Settings


def read_registers(settings: Settings, *, near: BaseGeometry | None = None) -> list[RegisterFile]:
    """
    Read the registers of the settings, each with its account; the file of areas has one too.

    Parameters
    ----------
    settings : Settings
    near : shapely geometry, optional
        The area, EPSG:27700.

    Raises
    ------
    SettingsError
        If `areas` finds several files.
    """
    named = settings.interventions
    if named is None:
        return []
    shapes, beside = None, []
    if named.areas is not None:
        found = expand(named.areas)
        if len(found) > 1:
            msg = f"interventions.areas: {named.areas} finds {len(found)} files; name one."
            raise SettingsError(msg)
        shapes = intervention_areas.read(found[0])
        beside = [RegisterFile(empty(ACTIONS), shapes.set_aside, shapes.account, shapes.repairs)]
    groups = [each.name for each in crime_sets(settings.crime_groups)]
    registers = [
        interventions.read(path, groups=groups, shapes=shapes, near=near)
        for path in expand(named.file)
    ]
    return [*registers, *beside]
