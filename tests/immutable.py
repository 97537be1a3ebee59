"""Which results can be changed by whoever holds them."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def changeable(package: ModuleType, *names: str) -> set[str]:
    """Return the dataclasses of a package, or of some of its modules, that are not frozen."""
    every = (each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    wanted = [f"{package.__name__}.{name}" for name in names] or every
    return {
        name
        for module in map(importlib.import_module, wanted)
        for name, kind in vars(module).items()
        if getattr(kind, "__module__", "") == module.__name__ and _is_changeable(kind)
    }


def _is_changeable(kind: object) -> bool:
    is_plain = isinstance(kind, type) and not issubclass(kind, Exception)
    return is_plain and not getattr(vars(kind).get("__dataclass_params__"), "frozen", True)
