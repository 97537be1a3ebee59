"""
Make the environment of this checkout beside this file, and run `hotspots` in it.

    python run.py                  the whole job on the built-in sample county
    python run.py test             all tests, on every core
    python run.py test ...         pytest; what follows goes to it
    python run.py refresh [...]    any command of `hotspots`, as it stands

Only the standard library is used, so that a plain Python is enough. The environment is made in
`.venv` from `requirements.lock`, with hashes; a second start checks a stamp and needs no network.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST = (3, 11)
HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
LOCK = HERE / "requirements.lock"
PROJECT = HERE / "pyproject.toml"
STAMP = ENVIRONMENT / "stamp.json"
GUARD = ENVIRONMENT / "guard.lock"
EVERY_TEST = ("--numprocesses=logical", "--dist=loadgroup")
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


class SetupError(Exception):
    """The environment cannot be made; the message says why and what to do."""


def main(arguments: list[str]) -> int:
    """Make or repair the environment, then hand over to what ``arguments`` ask for."""
    if sys.version_info[:2] < OLDEST:
        wanted, found = ".".join(map(str, OLDEST)), platform.python_version()
        say(f"error: Python {wanted} or newer is needed, this is {found} ({sys.executable}).")
        return 1
    try:
        prepare()
    except SetupError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("Interrupted; the next start makes the environment anew.")
        return 130
    if arguments[:1] == ["test"]:
        os.chdir(HERE)  # pytest finds its settings and the tests from here
        return hand_over([str(PYTHON), "-m", "pytest", *(arguments[1:] or EVERY_TEST)])
    return hand_over([str(PYTHON), "-m", "hotspots", *(arguments or ["demo"])])


def prepare() -> None:
    """Make the environment unless the one that is there is whole and up to date."""
    if is_ready():
        return
    with alone():
        if is_ready():  # another start made it while this one waited
            return
        begin = time.monotonic()
        if is_ready(project=False):
            # Only the project's own description changed: nothing to fetch.
            STAMP.unlink()
        else:
            clear()
            make()
            install_lock()
        install_project()
        write_stamp()
        say(f"The environment is ready ({time.monotonic() - begin:.0f} s).")


def wanted(*, project: bool = True) -> dict[str, str]:
    """Describe the environment this checkout needs; with ``project`` its own metadata too."""
    sources = {"requirements": LOCK, "project": PROJECT} if project else {"requirements": LOCK}
    try:
        hashes = {
            name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sources.items()
        }
    except OSError as error:
        msg = f"{error.filename} cannot be read ({error.strerror}); the checkout is not complete."
        raise SetupError(msg) from None
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {"python": python, "machine": platform.machine(), "folder": str(HERE), **hashes}


def is_ready(*, project: bool = True) -> bool:
    """Tell whether the environment is the wanted one, complete and able to start."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        packages = set(stamp.pop("packages"))
        if any(stamp.get(name) != value for name, value in wanted(project=project).items()):
            return False
        if not packages or not packages <= installed():
            return False
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False
    return can_start()


def can_start() -> bool:
    """Tell whether the environment's own Python runs and finds the project."""
    command = [str(PYTHON), "-c", "import hotspots"]
    try:
        return (
            subprocess.run(command, capture_output=True, check=False, env=clean()).returncode == 0
        )
    except OSError:
        return False


def installed() -> set[str]:
    """List what lies in the environment's package folders, by name."""
    folders = [ENVIRONMENT / "Lib/site-packages", *ENVIRONMENT.glob("lib/python*/site-packages")]
    return {entry.name for folder in folders if folder.is_dir() for entry in folder.iterdir()} - {
        "__pycache__"
    }


def write_stamp() -> None:
    """Record, last of all, that the environment is whole."""
    content = json.dumps({**wanted(), "packages": sorted(installed())}, indent=1)
    draft = STAMP.with_suffix(".partial")
    draft.write_text(content, encoding="utf-8")
    draft.replace(STAMP)


def clear() -> None:
    """Empty the environment, its guard apart, whatever state it is in."""
    if STAMP.exists():
        say("The environment does not fit any more and is made anew.")
    elif any(entry != GUARD for entry in ENVIRONMENT.iterdir()):
        say("The environment is only half made and is made anew.")
    STAMP.unlink(missing_ok=True)  # first, so that an interrupted clearing never looks whole
    try:
        for entry in ENVIRONMENT.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry != GUARD:
                entry.unlink()
    except OSError as error:
        msg = (
            f"{error.filename} cannot be removed ({error.strerror}); close what uses {ENVIRONMENT}."
        )
        raise SetupError(msg) from None


def make() -> None:
    """Make an environment without packages; with pip unless uv does the installing."""
    say(f"Making an environment for Python {platform.python_version()} in {ENVIRONMENT} …")
    builder = venv.EnvBuilder(with_pip=uv() is None, symlinks=os.name != "nt")
    try:
        builder.create(ENVIRONMENT)
    except (OSError, subprocess.CalledProcessError) as error:
        msg = (
            f"Python could not make an environment in {ENVIRONMENT} ({error}). On Debian and "
            "Ubuntu install python3-venv; elsewhere use the Python of python.org."
        )
        raise SetupError(msg) from None


def install_lock() -> None:
    """Install exactly what the lock file names, every file checked against its hash."""
    # The lock is complete, so nothing is left to resolve. And pip before 23.3 cannot resolve it:
    # it takes `sqlalchemy[asyncio]`, which Prefect asks for, for a package without a hash.
    options = ["--no-deps", "--require-hashes", "-r", str(LOCK)]
    total = sum("==" in line for line in LOCK.read_text(encoding="utf-8").splitlines())
    say(f"Installing up to {total} packages with {'pip' if uv() is None else 'uv'} …")
    install(options, expected=total)


def install_project() -> None:
    """Install this checkout itself, editable, with the build tools of the lock."""
    install(["--no-deps", "--no-build-isolation", "-e", str(HERE)], expected=0)


def install(options: list[str], *, expected: int) -> None:
    """Run the installer, tell now and then how far it is, and show its words if it fails."""
    tool = uv()
    if tool:
        begin = [tool, "pip", "install", f"--python={PYTHON}", "--compile-bytecode"]
    else:
        begin = [str(PYTHON), "-m", "pip", "install", "--progress-bar=off", "--no-input"]
        begin.append("--disable-pip-version-check")
    words: deque[str] = deque(maxlen=25)
    seen = 0
    try:
        with subprocess.Popen(
            [*begin, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=clean(),
            cwd=HERE,
        ) as child:
            for line in child.stdout or ():
                words.append(line.rstrip())
                if line.startswith("Collecting "):
                    seen += 1
                    if seen % 30 == 0:
                        say(f"  {seen} of {expected} looked up")
                elif expected and line.startswith("Installing collected"):
                    say("  unpacking and compiling")
                elif expected and line.startswith(("Resolved ", "Prepared ", "Installed ")):
                    say(f"  {line.strip()}")
    except OSError as error:
        msg = f"{begin[0]} could not be started ({error.strerror})."
        raise SetupError(msg) from None
    if child.returncode:
        say("\n".join(f"  | {line}" for line in words))
        msg = (
            "the packages could not be installed; the installer's last words are above. The first "
            "start needs the internet, or a package mirror that pip is set up for; later starts do "
            "not. Start again when that is mended."
        )
        raise SetupError(msg)


def uv() -> str | None:
    """Find uv, which installs faster than pip, if it is there."""
    return shutil.which("uv")


def clean() -> dict[str, str]:
    """Give the environment variables, without those that lead to packages outside the lock."""
    strange = {
        "PYTHONHOME",
        "PYTHONPATH",
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_REQUIRE_HASHES",
    }
    return {name: value for name, value in os.environ.items() if name not in strange}


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """
    Let one start at a time make the environment.

    The operating system frees the lock of a start that was killed.
    """
    try:
        ENVIRONMENT.mkdir(exist_ok=True)
        guard = GUARD.open("a+b")
    except OSError as error:
        msg = f"{error.filename} cannot be written ({error.strerror}); make the folder writable."
        raise SetupError(msg) from None
    with guard:
        if not locked(guard.fileno()):
            say("Another start is making the environment; waiting for it …")
            while not locked(guard.fileno()):
                time.sleep(0.2)
        yield


def locked(handle: int) -> bool:
    """Try to take the guard's lock, without waiting."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def hand_over(command: list[str]) -> int:
    """Become ``command``, or where a process cannot do that, run it and give its exit code."""
    if os.name != "nt":
        sys.stdout.flush()
        os.execve(command[0], command, clean())  # noqa: S606 - a list, so no shell reads it
    with subprocess.Popen(command, env=clean()) as child:
        while True:
            # Ctrl-C reaches the child as well, which decides how to end.
            with contextlib.suppress(KeyboardInterrupt):
                return child.wait()


def say(words: str) -> None:
    """Tell the person how far it is; results go to stdout, so this does not."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
