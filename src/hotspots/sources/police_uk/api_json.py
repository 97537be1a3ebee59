"""Saved answers of the API's ``crimes-street``: JSON arrays of records, without force or LSOA."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotspots.errors import InputError, cut
from hotspots.sources.police_uk.forces import BTP
from hotspots.sources.police_uk.rows import ASIDE, WORDS, Batch, Dialect, Fault, sift

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CATEGORIES = {
    "anti-social-behaviour": "Anti-social behaviour",
    "bicycle-theft": "Bicycle theft",
    "burglary": "Burglary",
    "criminal-damage-arson": "Criminal damage and arson",
    "drugs": "Drugs",
    "other-crime": "Other crime",
    "other-theft": "Other theft",
    "possession-of-weapons": "Possession of weapons",
    "public-order": "Public order",
    "robbery": "Robbery",
    "shoplifting": "Shoplifting",
    "theft-from-the-person": "Theft from the person",
    "vehicle-crime": "Vehicle crime",
    "violent-crime": "Violence and sexual offences",
}
"""API category to crime type."""

_DIALECT = Dialect(
    types=CATEGORIES,
    renamed_types={},
    refused_types={
        "public-disorder-weapons": "a category used until April 2013, split since into "
        "public-order and possession-of-weapons; which of them this is cannot be known"
    },
    month="month",
    crime_type="category",
    longitude="location.longitude",
    latitude="location.latitude",
)

_RECORD = pa.struct(
    [
        ("category", pa.string()),
        ("location_type", pa.string()),
        (
            "location",
            pa.struct(
                [
                    ("latitude", pa.string()),
                    ("longitude", pa.string()),
                    ("street", pa.struct([("name", pa.string())])),
                ]
            ),
        ),
        ("outcome_status", pa.struct([("category", pa.string())])),
        ("persistent_id", pa.string()),
        ("id", pa.string()),
        ("month", pa.string()),
    ]
)
_MARKS = frozenset({"category", "location", "month"})
_VALUE_MAX = 200


def read_answer(data: bytes, *, file: str) -> Batch | None:
    """
    Read one saved answer.

    Parameters
    ----------
    data : bytes
        The JSON text.
    file : str
        What messages call it.

    Returns
    -------
    Batch or None
        A row a record, its line the record's number from 1; None if this is sound JSON but
        not an answer of ``crimes-street``. An empty array is an answer without records.

    Raises
    ------
    InputError
        If it is not JSON, most likely cut short or an error page.
    """
    try:
        # Numbers stay text: ids are names, and coordinates are checked like those of a CSV.
        answer = json.loads(data, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{file}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}). Save the "
            "answer of the API again, whole."
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{file} is not a JSON answer ({cut(error)}). Save it again.") from error
    if not isinstance(answer, list) or not _is_answer(answer):
        return None
    records, lines, broken = _records(answer)
    batch = _sift(records, lines)
    return Batch(batch.readable, pa.concat_tables([batch.aside, broken]), len(answer))


def _is_answer(answer: Sequence[Any]) -> bool:
    return not answer or any(isinstance(one, dict) and one.keys() >= _MARKS for one in answer)


def _records(answer: list[Any]) -> tuple[pa.Array, pa.Array, pa.Table]:
    """Return the records, their numbers, and those of another shape as ``ASIDE``."""
    shaped = _shaped(answer)
    if shaped is not None and not shaped.null_count:
        return shaped, pa.array(np.arange(1, len(answer) + 1)), ASIDE.empty_table()
    # Slow, but only for an answer that holds something no API sends.
    good = [_is_nested(one) and _shaped([one]) is not None for one in answer]
    numbers = np.arange(1, len(answer) + 1)
    bad = [one for one, is_good in zip(answer, good, strict=True) if not is_good]
    broken = pa.table(
        [
            pa.array(numbers[~np.array(good)]),
            pa.repeat("quarantined", len(bad)),
            pa.repeat("not shaped like a record of crimes-street", len(bad)),
            pa.nulls(len(bad), pa.string()),
            pa.array([json.dumps(one)[:_VALUE_MAX] for one in bad], pa.string()),
            pa.nulls(len(bad), pa.timestamp("ms")),
            pa.nulls(len(bad), pa.string()),
        ],
        schema=ASIDE,
    )
    kept = [one for one, is_good in zip(answer, good, strict=True) if is_good]
    return pa.array(kept, _RECORD), pa.array(numbers[np.array(good)]), broken


def _is_nested(one: Any) -> bool:  # noqa: ANN401
    """Say whether a record is an object, and so is what should be one in it."""
    if not isinstance(one, dict):
        return False
    location = one.get("location")
    street = location.get("street") if isinstance(location, dict) else None
    inner = (location, street, one.get("outcome_status"))
    return all(value is None or isinstance(value, dict) for value in inner)


def _shaped(records: list[Any]) -> pa.Array | None:
    try:
        return pa.array(records, _RECORD)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None


def _sift(records: pa.Array, lines: pa.Array) -> Batch:
    def text(*path: str) -> pa.Array:
        found = pc.struct_field(records, list(path))
        return pc.if_else(pc.equal(found, ""), pa.scalar(None, pa.string()), found)

    def words(*path: str) -> pa.Array:
        return text(*path).dictionary_encode().cast(WORDS)

    nothing = pa.nulls(len(records), WORDS)
    api_id = text("id")
    published = pa.table(
        {
            "line": lines,
            "crime_id": text("persistent_id"),
            "api_id": api_id,
            "month": words("month"),
            "crime_type": words("category"),
            "longitude": words("location", "longitude"),
            "latitude": words("location", "latitude"),
            "location": words("location", "street", "name"),
            "lsoa_code": nothing,
            "outcome": words("outcome_status", "category"),
            "reported_by": nothing,
        }
    )
    kind = words("location_type")
    is_btp = pc.fill_null(pc.equal(kind.cast(pa.string()), "BTP"), False)
    reason = f"reported by {BTP}, whose records carry no place in the force"
    faults = [
        # Neighbouring areas repeat records; one without an id could not be told from its twin.
        Fault(_mask(api_id.is_null()), "quarantined", "no id", "id", "api_id"),
        Fault(_mask(is_btp), "excluded", reason, "location_type", "location_type"),
    ]
    published = published.append_column("location_type", kind)
    return sift(published, _DIALECT, month=None, more=faults)


def _mask(values: pa.Array) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = values.to_numpy(zero_copy_only=False)
    return mask
