"""One tree of exceptions; each branch carries the exit code of the command line."""

from __future__ import annotations


class HotspotsError(Exception):
    """Something a person can put right; the message says what was found and what to do."""

    exit_code = 1


class SchemaError(HotspotsError):
    """A table breaks the contract that ``schema`` declares for it."""


class CRSError(HotspotsError):
    """A table is not in the coordinate reference system it must be in."""


class LockedError(HotspotsError):
    """Another run holds the lock of this area."""


class PublishError(HotspotsError):
    """A document would break a promise of the published pages, so nothing was published."""


class SettingsError(HotspotsError):
    """The settings file has an unknown key, a bad value or a bad range."""

    exit_code = 2


class DataMissingError(HotspotsError):
    """Data that the settings ask for is not there."""

    exit_code = 3


class InputError(HotspotsError):
    """An input file was refused: not what it should be, damaged, or unsafe."""

    exit_code = 4


class SourceError(HotspotsError):
    """A source on the network could not be reached, or gave what cannot be used."""

    exit_code = 5


def cut(text: object, letters: int = 200) -> str:
    """
    Shorten what a message repeats of a file, or of a library's own words about one.

    Parameters
    ----------
    text : object
    letters : int
        Letters kept; the rest becomes an ellipsis.
    """
    words = str(text)
    return words if len(words) <= letters else f"{words[:letters]}…"
