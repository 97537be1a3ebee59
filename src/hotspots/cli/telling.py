"""How a command speaks while it works and when it fails: one message, one exit code."""

from __future__ import annotations

import contextlib
import signal
import traceback
import unicodedata
from typing import TYPE_CHECKING, NoReturn

import typer

from hotspots.errors import HotspotsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INTERRUPTED = 130
"""Exit code after Ctrl-C."""

TOLD_TO_END = 143
"""Exit code after SIGTERM."""


class _ToldToEnd(KeyboardInterrupt):
    """The system shuts down, or a scheduler ends the run: SIGTERM."""


@contextlib.contextmanager
def told(*, debug: bool) -> Iterator[None]:
    """Turn whatever goes wrong inside into one message on stderr and an exit code."""
    try:
        with _ended_in_order():
            yield
    except HotspotsError as error:
        _complain(str(error), debug=debug)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt as end:
        is_told = isinstance(end, _ToldToEnd)
        words = "told to end" if is_told else "interrupted"
        _complain(f"{words}; what was published before is untouched.", debug=debug)
        raise typer.Exit(TOLD_TO_END if is_told else INTERRUPTED) from None
    except (BrokenPipeError, typer.BadParameter):
        raise  # typer ends quietly when the reader of our output left, and explains usage itself
    except Exception as error:  # noqa: BLE001 - the last line of defence: people never see a traceback
        hint = "" if debug else " Run it again with --debug to see where, and report that."
        _complain(f"unexpected {type(error).__name__}: {_one_line(error)}.{hint}", debug=debug)
        raise typer.Exit(1) from None


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let SIGTERM end the work inside as Ctrl-C does, not in the middle of a rename."""

    def end(*_: object) -> NoReturn:
        raise _ToldToEnd

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _complain(words: str, *, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    tell(f"error: {words}", err=True)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or "no further words"


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Give a function that tells how far it is: on stderr, and plain unless that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True, markup=False, highlight=False)
    if not console.is_terminal:
        yield lambda words: tell(words, err=True)
        return
    with console.status("working …"):
        yield lambda words: console.print(printable(words))


def tell(words: str, *, err: bool = False) -> None:
    """Print words for a person, without what a file could do to the terminal through them."""
    typer.echo(printable(words), err=err)


def printable(words: str) -> str:
    """Return ``words`` with a mark for each letter that is none: control, format or unknown."""
    return "".join(
        letter if letter in "\n\t" or unicodedata.category(letter)[0] != "C" else "\ufffd"
        for letter in words
    )
