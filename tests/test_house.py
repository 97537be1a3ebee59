"""The house rules: layout, floors, types, style, and what may stand in a file."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "hotspots"

LAYOUT = (
    "pyproject.toml", "requirements.lock", "run.py", "README.md", "CHANGELOG.md", "prefect.yaml",
    ".ci/run", "flows/nightly.py", "src/hotspots/__init__.py", "data/raw/README.md",
    "data/processed/README.md", "maps/README.md", "notebooks", "tests", "docs/design.md",
    "docs/decisions",
)  # fmt: skip

FOLDERS = ("docs", "flows", "notebooks", "src", "tests", ".ci")
TEXT = {".css", ".csv", ".html", ".js", ".json", ".md", ".py", ".toml", ".txt", ".yaml", ".lock"}


@cache
def files() -> tuple[Path, ...]:
    """List the project's own text files; what its users put in or get out is none of it."""
    below = [path for name in FOLDERS for path in (ROOT / name).rglob("*")]
    readmes = [ROOT / name for name in LAYOUT if name.endswith("README.md")]
    found = {path for path in [*ROOT.iterdir(), *below, *readmes] if path.suffix in TEXT}
    return tuple(sorted(path for path in {*found, ROOT / ".ci/run"} if path.is_file()))


def run(*command: str) -> str:
    """Run a tool of the environment in the checkout; fail with its own words."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        pytest.fail(f"{' '.join(command[1:])}\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout


def tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def test_imports_only_point_down() -> None:
    words = run(tool("lint-imports"), "--no-cache")
    assert "0 broken" in words


def test_types_are_strict() -> None:
    run(sys.executable, "-m", "mypy", "--no-pretty")


def test_style() -> None:
    run(sys.executable, "-m", "ruff", "check", "--output-format=concise", ".")
    run(sys.executable, "-m", "ruff", "format", "--check", ".")


@pytest.mark.parametrize("path", LAYOUT)
def test_layout(path: str) -> None:
    assert (ROOT / path).exists(), f"{path} belongs to the layout that the design fixes"


def test_every_module_has_a_test_that_mirrors_it() -> None:
    missing = [
        str(module.relative_to(ROOT))
        for module in sorted(PACKAGE.rglob("*.py"))
        if module.name not in {"__init__.py", "__main__.py"} and not is_tested(module)
    ]
    assert not missing, f"no test file mirrors {missing}; tests/a/test_b.py tests a/b.py"


def is_tested(module: Path) -> bool:
    """Tell whether a test file mirrors a module, or a package that it is a part of."""
    tests = ROOT / "tests"
    place = module.relative_to(PACKAGE).with_suffix("")
    packages = [parent for parent in place.parents if parent.name]
    mirrors = [tests / unit.parent / f"test_{unit.name}.py" for unit in (place, *packages)]
    mirrors += [tests / package / f"test_{package.name}.py" for package in packages]
    return any(mirror.exists() for mirror in mirrors)


def test_every_flow_has_a_test() -> None:
    missing = [
        flow.name
        for flow in (ROOT / "flows").glob("*.py")
        if flow.name != "__init__.py"
        and not (ROOT / "tests" / "flows" / f"test_{flow.name}").exists()
    ]
    assert not missing, f"no test in tests/flows for {missing}"


def test_tests_are_named_alike_whenever_they_are_collected() -> None:
    # Else two cores would not agree which tests there are: data of a test may hold no clock.
    ask = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
    assert run(*ask).splitlines()[:-1] == run(*ask).splitlines()[:-1]


def test_no_two_tests_share_a_name() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names)), "reports name a test by its file, so names are unique"


# One letter stands in brackets, so that this file does not hold what it forbids.
FORBIDDEN = {
    "an absolute path of one machine": r"(?<![\w.$}])/(?:wor[k]|roo[t]|hom[e])/",
    "an unfinished thought": r"\b(?:TOD[O]|FIXM[E]|XX[X])\b",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found, f"{what} stands in\n" + "\n".join(found)


def test_the_rules_look_at_the_project() -> None:
    names = {str(path.relative_to(ROOT)) for path in files()}
    assert {"run.py", ".ci/run", "src/hotspots/schema/tables.py", "tests/test_house.py"} <= names
    assert not [name for name in names if name.startswith((".venv", "maps/demo"))]


# The lock


def pins() -> dict[str, str]:
    """Give each entry of the lock by its name, with the hashes that follow it."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-zA-Z0-9])", text)
    return {f"{number} {entry.split('==')[0]}": entry for number, entry in enumerate(entries)}


def test_lock_pins_everything_with_hashes() -> None:
    bare = [
        name for name, entry in pins().items() if "==" not in entry or "--hash=sha256:" not in entry
    ]
    assert not bare, f"without a version or a hash: {bare}"


def test_lock_holds_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = re.findall(
        r"^.*(?:://|--\S*index\S*|--find-links|--trusted-host).*$", text, re.MULTILINE
    )
    assert not found, f"whoever installs chooses where from; the lock names {found[:3]}"


def test_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=~! ]", each, maxsplit=1)[0].lower() for each in asked}
    locked = {name.split(" ")[1].split("[")[0].lower() for name in pins()}
    assert names <= locked, f"{names - locked} missing; make the lock again"


def test_environment_is_the_lock() -> None:
    entries = re.findall(
        r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)( ;)?",
        (ROOT / "requirements.lock").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    here = {
        re.sub(r"[-_.]+", "-", dist.name).lower(): dist.version for dist in metadata.distributions()
    }
    # An entry with a condition may be for another Python or system.
    other = {
        n: (v, here.get(n)) for n, v, condition in entries if not condition and here.get(n) != v
    }
    assert not other, f"locked and installed versions differ: {other}; start run.py again"
