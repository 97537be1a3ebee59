"""
How much of the reading, checking and writing code the tests would notice if it were wrong.

    python tests/mutation.py COVERAGE_FILE REPORT_FILE --mutants 300 --seed 1

Draws mutants of the modules in `MODULES` with the operators of cosmic-ray that are in `OPERATORS`,
runs for each of them the tests that pass through the changed statement, and writes a line of
JSON for each. docs/quality.md says how the coverage file is made and what came out. Run it in a
copy of the checkout: it writes each mutant over its module, and the module back again.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import warnings
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from coverage import CoverageData
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Place = tuple[int, int]

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "hotspots"

MODULES = (
    "sources/**/*.py", "store/*.py", "settings/*.py", "schema/*.py", "pipeline/inputs.py",
    "pipeline/ingest.py", "pipeline/understand.py", "pipeline/check*.py", "pipeline/raw_inputs.py",
    "pipeline/coverage.py", "pipeline/alerts.py", "pipeline/manifest.py", "pipeline/tables.py",
    "pipeline/placing.py", "pipeline/fetch.py", "pipeline/paste.py",
    "publish/publication.py", "publish/exchange.py", "publish/geopackage.py",
    "publish/masking.py", "publish/cells.py",
)  # fmt: skip

SWAPS = {
    "ReplaceComparisonOperator": (
        "Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE",
        "GtE_Gt", "GtE_Lt", "Is_IsNot", "IsNot_Is",
    ),
    "ReplaceBinaryOperator": (
        "Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Div", "FloorDiv_Mul", "Mod_Div",
        "Pow_Mul", "BitOr_BitAnd", "BitAnd_BitOr", "BitXor_BitAnd", "LShift_RShift",
        "RShift_LShift",
    ),
    "ReplaceUnaryOperator": ("USub_UAdd", "Delete_USub", "Delete_Not", "Delete_Invert"),
}  # fmt: skip
OPERATORS = (
    *(f"{kind}_{swap}" for kind, swaps in SWAPS.items() for swap in swaps),
    "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr",
    "ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak",
    "ExceptionReplacer", "NumberReplacer", "RemoveDecorator", "ZeroIterationForLoop",
)  # fmt: skip

HEAVY = (
    "numpy", "pandas", "pyarrow.csv", "pyarrow.parquet", "pyarrow.compute", "geopandas", "pyogrio",
    "pyproj", "shapely", "scipy.sparse", "scipy.spatial", "httpx", "pydantic", "trustme",
    "xlsxwriter", "python_calamine", "hypothesis.strategies", "hypothesis.extra.numpy", "filelock",
    "tenacity", "rich", "typer.testing",
)  # fmt: skip
"""What the tests import and no mutant changes: imported once, before the tests are forked off."""

MOST_NUMBERS = 15
"""A value with more numbers is a table of data, such as a coastline, and not changed."""

BROKEN = 99
"""How a fork ends that could not run the tests at all."""

SLOW = ("county", "refreshed", "tables")
"""Fixtures that take many seconds, which only the first test with them has among its own."""

TESTS_S = 8.0
"""Of the tests through a statement, the quickest that together take this long are run, and more
of them (``--seconds 60``) for the few that live on."""


@dataclass(frozen=True)
class Mutant:
    """A change of a module: the n-th place where an operator of cosmic-ray can make it."""

    module: str
    operator: str
    occurrence: int
    line: int


# The mutants


def operator_named(name: str) -> Any:  # noqa: ANN401 - cosmic-ray has no types
    importlib.import_module("parso.python.tree")  # before cosmic-ray, which has a circle here
    plugins = importlib.import_module("cosmic_ray.plugins")
    return plugins.get_operator(f"core/{name}")()


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Give every mutant of a module, but those of annotations."""
    operators = {name: operator_named(name) for name in OPERATORS}
    trees = importlib.import_module("cosmic_ray.ast")
    source = path.read_text(encoding="utf-8")
    lines, spans = source.splitlines(), tuple(left_out(ast.parse(source)))
    nodes = [*trees.ast_nodes(trees.get_ast(source))]
    for name, operator in operators.items():
        places = [place for node in nodes for place in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(places):
            is_marker = lines[start[0] - 1][start[1] :].startswith("*,")  # keywords only from here
            if not is_marker and not within(start, spans):
                yield Mutant(str(path.relative_to(ROOT)), name, occurrence, start[0])


def left_out(tree: ast.Module) -> Iterator[tuple[Place, Place]]:
    """Give where annotations stand, which do nothing, and tables of numbers, which are data."""
    for node in ast.walk(tree):
        unused: list[ast.AST | None] = []
        if isinstance(node, ast.arg):
            unused = [node.annotation]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            unused = [node.returns]
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            unused = [node]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and is_data(node):
            unused = [node.value]
        elif isinstance(node, ast.AnnAssign):
            unused = [node.annotation]
        for each in unused:
            if isinstance(each, ast.expr | ast.stmt):
                end = (each.end_lineno or 0, each.end_col_offset or 0)
                yield (each.lineno, each.col_offset), end


def within(place: Place, spans: Sequence[tuple[Place, Place]]) -> bool:
    return any(first <= place < last for first, last in spans)


def is_data(node: ast.Assign | ast.AnnAssign) -> bool:
    """Tell whether a value is a long table of numbers, such as a coastline."""
    numbers = [
        each
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and type(each.value) in (int, float)
    ]
    return len(numbers) > MOST_NUMBERS


def mutated(mutant: Mutant) -> str:
    """Give the source of the module with the change, or nothing where it cannot be made."""
    source = (ROOT / mutant.module).read_text(encoding="utf-8")
    operator = operator_named(mutant.operator)
    change = importlib.import_module("cosmic_ray.mutating").mutate_code
    try:
        found = str(change(source, operator, mutant.occurrence))
        is_change = ast.dump(ast.parse(found)) != ast.dump(ast.parse(source))
    except (AttributeError, SyntaxError):  # an exception with a dot in its name, among others
        return ""
    return found if is_change else ""


def drawn(count: int, seed: int) -> list[Mutant]:
    """Draw mutants over all modules, each as likely as any other that changes the program."""
    paths = sorted({path for pattern in MODULES for path in PACKAGE.glob(pattern)})
    every = [mutant for path in paths for mutant in mutants_of(path)]
    random.Random(seed).shuffle(every)  # noqa: S311
    print(f"{len(every)} mutants of {len(paths)} modules", flush=True)  # noqa: T201
    return [*islice((mutant for mutant in every if mutated(mutant)), count)]


# The tests for one


class Covered:
    """
    What the coverage of the whole suite tells.

    Parameters
    ----------
    path : Path
        Coverage data with a context for each test; `junit*.xml` beside it hold their times. Tests
        that failed there say nothing about mutants and are left out.
    """

    def __init__(self, path: Path) -> None:
        self.data = CoverageData(str(path))
        self.data.read()
        self.folder = next(
            Path(name).parents[1]
            for name in self.data.measured_files()
            if name.endswith("hotspots/__init__.py")
        )
        cases = [
            case
            for times in path.parent.glob("junit*.xml")
            for case in ET.parse(times).iter("testcase")  # noqa: S314
        ]
        self.seconds = {
            node_of(case.attrib["classname"], case.attrib["name"]): float(case.attrib["time"])
            for case in cases
            if "classname" in case.attrib and not {"failure", "error"} & {e.tag for e in case}
        }

    @cache  # noqa: B019
    def contexts(self, module: str) -> Mapping[int, frozenset[str]]:
        name = str(self.folder / Path(module).relative_to("src"))
        return {
            line: frozenset(context for context in contexts if context)
            for line, contexts in self.data.contexts_by_lineno(name).items()
        }

    def tests(self, mutant: Mutant, most_s: float) -> list[str]:
        """Choose tests for a mutant, those of the file named after it and the quickest first."""
        contexts = self.contexts(mutant.module)
        lines = statement_lines(ROOT / mutant.module, mutant.line)
        seen = frozenset().union(*(contexts.get(line, frozenset()) for line in lines))
        mirrors = {each for each in self.seconds if nearness(each, mutant.module)}
        found = {each.partition("|")[0] for each in seen or frozenset().union(*contexts.values())}
        # What runs at import or in a fixture is seen by more tests than the first to come by.
        if not seen or any(each.endswith("|setup") for each in seen):
            found |= mirrors
        known = sorted(
            (each for each in found if each in self.seconds),
            key=lambda each: (-nearness(each, mutant.module), self.seconds[each], each),
        )
        chosen: list[str] = []
        total = 0.0
        for each in known:
            total += self.seconds[each]
            if chosen and total > most_s:
                break
            chosen.append(each)
        return chosen


def node_of(classname: str, name: str) -> str:
    """Give the id of a test by the names that the times have for it."""
    file, _, classes = re.sub(r"(?<=\.)(test_\w+)\.?", r"\1.py::", classname, count=1).partition(
        "::"
    )
    path = file.removesuffix(".py").replace(".", "/") + ".py"
    return "::".join([path, *filter(None, classes.split(".")), name])


def nearness(test: str, module: str) -> int:
    """Count the parts of a module's path, packages and its name, that the file of a test names."""
    place = Path(module).relative_to("src/hotspots").with_suffix("")
    names = [place.name, *(parent.name for parent in place.parents if parent.name)]
    stem = Path(test.partition("::")[0]).stem.removeprefix("test")
    return sum(f"_{name}_" in f"{stem}_" for name in names)


def statement_lines(path: Path, line: int) -> range:
    """Give the lines of the innermost statement that holds one, without those of its body."""
    best = range(line, line + 1)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or 0
            if line <= max(last, node.lineno):
                best = range(node.lineno, max(last, node.lineno) + 1)
    return best


class Chosen:
    """Keeps only the chosen tests and remembers which one failed."""

    def __init__(self, names: Sequence[str], failed: Path) -> None:
        self.order = {name: place for place, name in enumerate(names)}
        self.failed = failed

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        files: dict[str, int] = {}
        for name, place in self.order.items():
            files.setdefault(name.partition("::")[0], place)
        kept = [item for item in items if item.nodeid in self.order]

        def turn(item: pytest.Item) -> tuple[int, int, int]:
            slow = sum(name in SLOW for name in getattr(item, "fixturenames", ()))
            return slow, files[item.nodeid.partition("::")[0]], self.order[item.nodeid]

        items[:] = sorted(kept, key=turn)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.write_text(report.nodeid, encoding="utf-8")


def outcome(tests: Sequence[str], *, most_s: float) -> tuple[str, str]:
    """
    Run tests in a fork of this process: "killed", "survived" or "time-out", and by which.

    The time is the processor's, so that a busy machine kills no mutant; ten times as much by the
    clock ends one that waits for ever.
    """
    with tempfile.TemporaryDirectory() as folder:
        failed = Path(folder) / "failed"
        child = os.fork()
        if not child:
            resource.setrlimit(resource.RLIMIT_CPU, (int(most_s), int(most_s) + 5))
            run_tests(tests, failed, Path(folder))
        until = time.monotonic() + 10 * most_s
        while time.monotonic() < until:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
                test = failed.read_text(encoding="utf-8") if failed.exists() else ""
                if code == BROKEN:
                    raise RuntimeError((Path(folder) / "log").read_text(encoding="utf-8"))
                if code == -signal.SIGXCPU:
                    return "time-out", ""
                return ("survived" if code == 0 else "killed"), test or f"exit {code}"
            time.sleep(0.02)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return "time-out", ""


def run_tests(tests: Sequence[str], failed: Path, folder: Path) -> None:
    """Run the tests and end the process."""
    os.setsid()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "src"))
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    sys.dont_write_bytecode = True
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    files = [*dict.fromkeys(name.partition("::")[0] for name in tests)]
    # Hypothesis is imported already, which pytest would have liked to do.
    options = ["-x", "-q", "-p", "no:cacheprovider", f"--basetemp={folder / 'tmp'}"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    code = BROKEN
    try:
        code = int(pytest.main([*options, *files], plugins=[Chosen(tests, failed)]))
    finally:
        os._exit(code)


# All of them


def tried(mutant: Mutant, covered: Covered, *, tests_s: float = TESTS_S) -> dict[str, object]:
    """Put a mutant over its module, run its tests, and put the module back."""
    tests = covered.tests(mutant, tests_s)
    usual_s = sum(covered.seconds[each] for each in tests)
    path = ROOT / mutant.module
    before, times = path.read_bytes(), path.stat()
    source = mutated(mutant)
    began = time.monotonic()
    try:
        path.write_text(source, encoding="utf-8")
        os.utime(path, (times.st_atime, times.st_mtime + 60))  # no old byte code is taken for it
        result, by = outcome(tests, most_s=20 + 3 * usual_s) if tests else ("no tests", "")
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return {
        **asdict(mutant), "result": result, "by": by, "tests": len(tests),
        "seconds": round(time.monotonic() - began, 1),
        "change": change_of(before.decode(), source),
    }  # fmt: skip


def change_of(before: str, after: str) -> str:
    """Give the changed lines, before and after."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    changed = [(old.strip(), new.strip()) for old, new in pairs if old != new]
    return " => ".join(changed[0]) if changed else "(a line fewer)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("coverage", type=Path)
    parser.add_argument("report", type=Path)
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=TESTS_S, help="of tests for a mutant")
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--again", type=Path, help="only those that an earlier report let live")
    told = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in HEAVY:
        importlib.import_module(name)
    settings.register_profile("mutation", derandomize=True, database=None, deadline=None)
    settings.load_profile("mutation")
    covered = Covered(told.coverage)
    chosen = again(told.again) if told.again else drawn(told.mutants, told.seed)
    with told.report.open("a", encoding="utf-8") as report:
        for mutant in chosen[told.part :: told.parts]:
            report.write(json.dumps(tried(mutant, covered, tests_s=told.seconds)) + "\n")
            report.flush()


def again(path: Path) -> list[Mutant]:
    """Give the mutants that an earlier report let live."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    names = ("module", "operator", "occurrence", "line")
    return [
        Mutant(**{name: row[name] for name in names})
        for row in rows
        if row["result"] not in {"killed", "time-out"}
    ]


if __name__ == "__main__":
    main()
