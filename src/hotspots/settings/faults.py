"""Put what is wrong with a settings file into words: line, key, what was found, what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, get_args, get_origin

from pydantic import BaseModel

from hotspots.settings.model import Key, Settings, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

EXPECTED = {
    "bool_type": "expected true or false",
    "finite_number": "expected a finite number",
    "float_type": "expected a number",
    "int_type": "expected a whole number",
    "string_pattern_mismatch": "not allowed",
    "string_too_long": "too long",
    "string_too_short": "expected text that is not empty",
    "string_type": "expected text in quotes",
    "tuple_type": "expected a list in [brackets]",
}
"""What a value must be, by the kind of fault the model reports."""

_SHOWN = 80


def explain_fault(detail: ErrorDetails, lines: Mapping[Key, int]) -> str:
    """Put one fault into words: line, key, what was found, what to do."""
    key: Key = detail["loc"]
    near = [lines[key[:length]] for length in range(len(key), 0, -1) if key[:length] in lines]
    where = f"line {near[0]}: " if near else ""
    siblings, field = _declared(key)
    if not key:  # a fault between two sections names them itself
        return _expected(detail, key, field)
    if detail["type"] == "extra_forbidden":
        return f"{where}{_label(key)} is unknown; {did_you_mean(str(key[-1]), siblings)}"
    if detail["type"] == "missing":
        return f"{where}{_label(key)} is missing; {_addition(key, field)}"
    return f"{where}{_label(key)}: {_found(detail['input'])}{_expected(detail, key, field)}"


def _declared(key: Key) -> tuple[list[str], FieldInfo | None]:
    """Find the names that are known where ``key`` stands, and the field it is, if any."""
    model: type[BaseModel] | None = Settings
    known: list[str] = []
    field: FieldInfo | None = None
    for part in key:
        if isinstance(part, int) or model is None:
            continue  # a position in a list, or a name that the user chooses
        known = list(model.model_fields)
        field = model.model_fields.get(part)
        model = _model_of(field.annotation) if field else None
    return known, field


def _model_of(annotation: object) -> type[BaseModel] | None:
    """Find the section that a field holds, be it one, optional or a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_of, get_args(annotation))), None)


def _is_repeated(section: str) -> bool:
    field = Settings.model_fields.get(section)
    return field is not None and get_origin(field.annotation) is tuple


def _label(key: Key) -> str:
    """Write a key as the file does: `[clustering] eps_m`, `[[boundaries]] entry 2, level`."""
    section, *rest = (part[:_SHOWN] if isinstance(part, str) else part for part in key)
    head = f"[[{section}]]" if _is_repeated(str(section)) else f"[{section}]"
    if rest and isinstance(rest[0], int):
        head += f" entry {rest[0] + 1}" + ("," if rest[1:] else "")
        rest = rest[1:]
    return " ".join([head, *(f"item {p + 1}" if isinstance(p, int) else p for p in rest)])


def _found(value: object) -> str:
    if isinstance(value, dict | list | tuple):
        return ""
    return f"found {json.dumps(value, ensure_ascii=False, default=str)[:_SHOWN]}; "


def _expected(detail: ErrorDetails, key: Key, field: FieldInfo | None) -> str:
    """Say what a value must be."""
    kind = detail["type"]
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind in {"model_type", "dict_type"}:
        return f"expected one section [{key[0]}], in single brackets, with keys below it"
    if kind == "tuple_type" and len(key) == 1:
        return f"expected [[{key[0]}]], in double brackets, once for each entry"
    said = EXPECTED.get(kind, detail["msg"].replace("Input should be", "expected"))
    if kind in {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}:
        said = f"expected {_range(field)}"
    return f"{said} ({field.description})" if field else said


def _range(field: FieldInfo | None) -> str:
    bounds = (("gt", "above"), ("ge", "at least"), ("le", "at most"), ("lt", "below"))
    return " and ".join(
        f"{word} {getattr(rule, name):.12g}"
        for rule in (field.metadata if field else ())
        for name, word in bounds
        if hasattr(rule, name)
    )


def _addition(key: Key, field: FieldInfo | None) -> str:
    """Say how to add a key that is missing."""
    if field is None:
        return "add it"
    if _model_of(field.annotation):
        return f"add {_label(key[:1])}: {field.description}"
    example = json.dumps(field.examples[0], ensure_ascii=False) if field.examples else "…"
    return f"add for example {key[-1]} = {example} ({field.description})"
