"""``hotspots report``: the reports of a quarter, made and put in place, all of them or none."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotspots import __version__, store
from hotspots.errors import SettingsError
from hotspots.pipeline import reports_index
from hotspots.pipeline.folders import REPORTS
from hotspots.pipeline.inputs import code_hash
from hotspots.pipeline.quarterly import quarterly
from hotspots.pipeline.run import published
from hotspots.publish import report_documents
from hotspots.settings import expand

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hotspots.pipeline.run import Published
    from hotspots.publish.report import Quarterly

RECORD = "report.json"
"""In the folder of a quarter: what its reports were made from, and their hashes."""


@dataclass(frozen=True)
class Reported:
    """
    What became of a request for reports.

    Attributes
    ----------
    area_id, quarter, title : str
        The quarter by name and in words.
    folder : Path
    files : tuple of Path
        The reports that were written, the pages first.
    headlines : tuple of str
        What the first of them says in short.
    cautions : tuple of str
    """

    area_id: str
    quarter: str
    title: str
    folder: Path
    files: tuple[Path, ...]
    headlines: tuple[str, ...]
    cautions: tuple[str, ...]


def report(
    settings_file: Path,
    *,
    quarter: str | None = None,
    district: str | None = None,
    revised: bool = False,
    out: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Reported:
    """
    Make the reports of a quarter from the last refresh.

    Parameters
    ----------
    settings_file : Path
    quarter : str, optional
        Such as ``2025-Q1``; the last complete one if not given.
    district : str, optional
        Name, code or page name of the only district to report on; all, and the whole area, if not
        given.
    revised : bool
        Whether an earlier quarter may be told with records as they were corrected later.
    out : Path, optional
        As for a refresh.
    say : callable
        Told what is being done.

    Raises
    ------
    DataMissingError
        If there was no refresh before, or the quarter has no data or not that of then.
    SettingsError
        If there is no such quarter or district.
    LockedError, HotspotsError
    """
    with published(settings_file, out=out) as at:
        say("counting and comparing")
        content = quarterly(at, quarter=quarter, revised=revised)
        only = () if district is None else (_slug(content, district),)
        final = at.maps_folder / REPORTS / content.quarter
        store.restore_folder(final)
        made_from = _made_from(at, content, revised=revised)
        _draft(at.draft_folder, final, made_from, is_part=bool(only))
        earlier = sorted(
            path.name for path in final.parent.glob("*/index.html") for path in [path.parent]
            if path.name != content.quarter and not path.name.startswith(".")
        )  # fmt: skip
        report_documents.write(content, at.draft_folder, only=only, earlier=earlier, say=say)
        store.write_json(made_from | {"files": _hashes(at.draft_folder)}, at.draft_folder / RECORD)
        store.replace_folders({at.draft_folder: final})
        reports_index.write(final.parent)
    reports = [each for each in content.reports if not only or each.slug in only]
    return Reported(
        content.area_id,
        content.quarter,
        content.title,
        final,
        tuple(
            final / f"{each.slug}.{kind}" for kind in ("html", "docx", "xlsx") for each in reports
        ),
        tuple(each.text for each in reports[0].headlines),
        content.cautions,
    )


def _slug(content: Quarterly, district: str) -> str:
    asked = district.strip().casefold()
    for each in content.reports:
        if asked in {each.name.casefold(), each.slug, each.area_code.casefold()}:
            return each.slug
    known = ", ".join(each.name for each in content.reports)
    msg = f"--district {district!r} is none of {known}."
    raise SettingsError(msg)


def _made_from(at: Published, content: Quarterly, *, revised: bool) -> dict[str, Any]:
    named = at.settings.population
    return {
        "area": content.area_id,
        "quarter": content.quarter,
        "version": __version__,
        "code": code_hash(),
        "run_id": at.manifest["run_id"],
        "made_on": content.made_on.isoformat(),
        "revised": revised,
        "population": [store.sha256(path) for path in expand(named.file)] if named else [],
    }


def _draft(draft: Path, final: Path, made_from: dict[str, Any], *, is_part: bool) -> None:
    """Begin a folder; for one district, with the reports of the others if they are of one make."""
    shutil.rmtree(draft, ignore_errors=True)
    last = store.read_json(final / RECORD)
    if is_part and isinstance(last, dict) and made_from.items() <= last.items():
        store.carry_folder(final, draft)
    else:
        draft.mkdir(parents=True)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): store.sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != RECORD
    }
