"""The docs hold what they say: commands run, examples work, links and paths lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
import typer
from typer.testing import CliRunner

from hotspots import cli, pipeline
from hotspots.settings import load
from pictures import IMAGES, LARGEST, PICTURES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))
"""Pages whose commands and examples are run."""

LINKED = (*PAGES, *sorted((DOCS / "decisions").glob("*.md")))
"""Pages whose links and paths are followed."""

CONSOLE = {"console", "bash", "sh", ""}
"""Languages of blocks that hold commands; a block without one is taken for such."""

LANGUAGES = {*CONSOLE, "csv", "ini", "json", "powershell", "python", "text", "toml", "xml", "yaml"}

NOT_RUN = {
    "git clone": "needs the address of a repository and a network",
    "cd ": "the tests start in that folder",
    "python run.py test": "is what runs these tests",
    "hotspots national": "fetches from the network; tests/flows/test_national.py runs it",
    'python -c "from flows': "needs a network; tests/flows/test_national.py runs the flow",
    "python -m pytest": "runs all the tests once more, for their coverage",
    "mv .coverage": "follows the run of all tests before it",
    "python tests/": "takes minutes to hours; the line names a file that is there",
}
"""How a command begins that is looked at and not run, and why."""

HOSTS = {
    "127.0.0.1",
    "data.police.uk",
    "geoportal.statistics.gov.uk",
    "www.gov.uk",
}
"""Hosts that a page may link to."""

CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
ADDRESS = re.compile(r"https?://[^\s)>`\"]+")
PATH = re.compile(r"[\w./-]+(?:\.(?:css|jinja|js|lock|md|py|R|sh|toml|yaml)|/)")
USERS = ("maps/", "data/", "demo/", "country/", "inputs/", "sites/", "reports/", "measured/")
"""Folders of what users bring or get."""

SHORTHAND = (ROOT, ROOT / "src", ROOT / "src" / "hotspots", DOCS)
"""Where a path of a page may begin."""


class Block(NamedTuple):
    """A fenced block: its page, the line it opens on, its language and its lines."""

    page: Path
    line: int
    language: str
    lines: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.page.stem}:{self.line}"


class Command(NamedTuple):
    """A command of a page, without its comment."""

    place: str
    text: str
    exit_code: int


@cache
def words(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """Return the fenced blocks of a page, those inside lists too."""
    found = []
    fence = re.compile(
        r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^(?P=indent)```$",
        re.MULTILINE | re.DOTALL,
    )
    for match in fence.finditer(words(page)):
        indent = len(match["indent"])
        lines = tuple(line[indent:] for line in match["body"].splitlines())
        line = words(page).count("\n", 0, match.start()) + 1
        found.append(Block(page, line, match["language"], lines))
    return tuple(found)


@cache
def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", words(page), flags=re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[Command]:
    """Return the commands of a page's console blocks in order."""
    return [
        command
        for block in blocks(page)
        if block.language in CONSOLE
        for command in commands_of(block)
    ]


def commands_of(block: Block) -> list[Command]:
    joined = "\n".join(block.lines).replace("\\\n", " ")
    found = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        text, _, comment = line.partition(" # ")
        if text.startswith("#"):
            continue
        code = re.search(r"exit code (\d+)", comment)
        found.append(Command(block.name, text.strip(), int(code[1]) if code else 0))
    return found


def inline_commands(page: Path) -> list[Command]:
    """Return what stands in a page's running text and reads as a command of ours."""
    found = (match.replace("\\|", "|") for match in CODE.findall(prose(page)))
    return [Command(page.stem, text, 0) for text in found if arguments(text)]


def arguments(text: str) -> list[str]:
    """Return the arguments of `hotspots` in a command; none if it is another's."""
    parts = text.split()
    for start in (["python", "run.py"], ["py", "run.py"], ["hotspots"]):
        if parts[: len(start)] == start:
            rest = shlex.split(text)[len(start) :] or ["demo"] * (len(start) - 1)
            return rest if re.fullmatch(r"-?-?[a-z]+", rest[0] if rest else "") else []
    return []


def why_not(command: Command) -> str:
    """Say why a command is not run; empty if it is."""
    text = re.sub(r"^pyt?h?o?n? run\.py(?= (?!test\b))", "hotspots", command.text)
    return next((why for begin, why in NOT_RUN.items() if f"{text} ".startswith(begin)), "")


def known(name: str) -> set[str]:
    """Return the options of a command of ours; fail if there is no such command."""
    top = typer.main.get_command(cli.app)
    found = getattr(top, "commands", {})
    assert name in found, f"there is no command hotspots {name}"
    nested = getattr(found[name], "commands", {}).values()
    return {
        option for each in (found[name], *nested) for param in each.params for option in param.opts
    } | {"--help"}


def require_known(command: Command) -> None:
    """Require that a command of ours exists, and each option that it is given."""
    given = arguments(command.text)
    if not given or given[0] in {"test", "--help", "--version"}:
        return
    options = known(given[0])
    strange = [
        each for each in given if each.startswith("--") and each.partition("=")[0] not in options
    ]
    assert not strange, f"{command.place}: hotspots {given[0]} has no {strange}"


def slug(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    plain = re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@cache
def anchors(page: Path) -> frozenset[str]:
    seen = Counter[str]()
    found = set()
    for heading in re.findall(r"^#+ +(.+)$", prose(page), re.MULTILINE):
        name = slug(heading)
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return frozenset(found)


def broken(page: Path) -> list[str]:
    """List the links of a page that lead nowhere."""
    found = []
    for link in LINK.findall(prose(page)):
        if urlsplit(link).scheme:
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


def paths(page: Path) -> set[str]:
    """Return what stands between backticks and looks like a file or folder of this project."""
    found = {code for code in CODE.findall(prose(page)) if PATH.fullmatch(code)}
    return {path for path in found if not path.startswith(USERS) and path != "hotspots.toml"}


def is_there(path: str, page: Path) -> bool:
    if "/" not in path:
        return any(ROOT.glob(path)) or any(
            any((ROOT / folder).rglob(path)) for folder in ("src", "docs", "tests", "flows")
        )
    return any((folder / path).exists() for folder in (*SHORTHAND, page.parent))


COMMANDS = [command for page in PAGES for command in commands(page)]
RUN = [command for command in COMMANDS if not why_not(command)]


@pytest.fixture(scope="module")
def folder(
    county: Path, refreshed: pipeline.Outcome, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder as it is after the first start, with `demo` in it, and with settings of its own."""
    made = tmp_path_factory.mktemp("docs")
    out = refreshed.maps_folder.parents[1]
    for place in (made / "demo", made):
        shutil.copytree(county.parent, place, dirs_exist_ok=True)
        shutil.copytree(out / "maps", place / "maps", dirs_exist_ok=True)
        shutil.copytree(out / "data", place / "data", dirs_exist_ok=True)
    return made


@pytest.mark.parametrize("command", RUN, ids=lambda each: f"{each.place} {each.text}")
def test_a_command_of_the_docs_does_what_they_say(
    command: Command, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = arguments(command.text)
    assert given, f"{command.place}: {command.text!r} is no command of ours; list it in NOT_RUN"
    if given == ["demo"]:
        assert (folder / "demo" / "maps").is_dir(), "the sample county was made by its own test"
        return
    # Settings are written into a folder that has none yet.
    monkeypatch.chdir(tmp_path if given[0] == "init" else folder)
    result = CliRunner().invoke(cli.app, given)
    assert result.exit_code == command.exit_code, result.output


@pytest.mark.parametrize(
    "block",
    [block for page in PAGES for block in blocks(page) if block.language == "python"],
    ids=lambda block: block.name,
)
def test_an_example_in_python_runs(
    block: Block, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    code = compile("\n".join(block.lines), block.name, "exec")
    exec(code, {"__name__": "__main__"})  # noqa: S102 - the docs are ours
    assert capsys.readouterr().out, "an example shows something"


@pytest.mark.parametrize(
    "block",
    [block for page in PAGES for block in blocks(page) if block.language == "toml"],
    ids=lambda block: block.name,
)
def test_an_example_of_settings_is_understood(block: Block, county: Path, tmp_path: Path) -> None:
    """Put it in place of the same sections of the sample county's settings."""
    example = "\n".join(block.lines)
    given = tomllib.loads(example)
    parts = re.split(r"^(?=\[)", county.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kept = [part for part in parts if re.sub(r"[\[\]]", "", part.split("\n")[0]) not in given]
    path = tmp_path / "hotspots.toml"
    path.write_text("".join(kept) + "\n" + example, encoding="utf-8")
    load(path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    for command in [*commands(page), *inline_commands(page)]:
        require_known(command)
        for part in command.text.split():
            if re.match(r"(?:tests|flows|docs|notebooks)/\w", part):
                assert (ROOT / part).exists(), f"{command.place}: there is no {part}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_says_what_it_is(page: Path) -> None:
    strange = [block.name for block in blocks(page) if block.language not in LANGUAGES]
    assert not strange, f"write one of {sorted(LANGUAGES)} after the backticks of {strange}"


def test_what_is_listed_as_not_run_is_in_the_docs() -> None:
    assert set(NOT_RUN.values()) == {why_not(command) for command in COMMANDS} - {""}


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert not broken(page)


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.stem)
def test_only_known_hosts_are_linked(page: Path) -> None:
    hosts = {urlsplit(each.rstrip(".,;")).hostname for each in ADDRESS.findall(prose(page))}
    assert hosts <= HOSTS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_path_that_is_named_is_there(page: Path) -> None:
    missing = [path for path in sorted(paths(page)) if not is_there(path, page)]
    assert not missing, f"{page.name} names what is not there"


def test_every_page_is_in_the_list_of_what_to_read() -> None:
    named = {link.partition("#")[0] for link in LINK.findall(words(DOCS / "README.md"))}
    pages = {page.name for page in DOCS.glob("*.md")} - {"README.md"}
    assert pages <= named


def test_pictures_are_small_made_by_the_script_and_shown() -> None:
    files = {path.name: path.stat().st_size for path in IMAGES.iterdir()}
    shown = {Path(link).name for page in PAGES for link in LINK.findall(prose(page))}
    assert set(files) == {f"{each.name}.png" for each in PICTURES}
    assert set(files) <= shown
    assert max(files.values()) <= LARGEST


def test_what_officers_are_told_to_press_is_on_the_pages() -> None:
    static = ROOT / "src" / "hotspots" / "publish" / "static"
    pages = " ".join(path.read_text(encoding="utf-8") for path in static.iterdir())
    named = re.findall(r"\*\*([^*]+)\*\*", words(DOCS / "for-officers.md"))
    assert len(named) > 10
    assert not [each for each in named if each not in pages]


# What the checks themselves see


def test_a_command_is_read_with_its_exit_code() -> None:
    lines = ("# a note", "python run.py check x  # exit code 4", "ls \\", "-l")
    block = Block(ROOT, 1, "console", lines)
    assert [(each.text, each.exit_code) for each in commands_of(block)] == [
        ("python run.py check x", 4), ("ls  -l", 0),
    ]  # fmt: skip


def test_an_option_that_is_not_there_is_seen() -> None:
    with pytest.raises(AssertionError, match="has no"):
        require_known(Command("page", "python run.py refresh --fast", 0))
    with pytest.raises(AssertionError, match="no command hotspots polish"):
        require_known(Command("page", "hotspots polish", 0))


def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page\n[a](page.md#a-page) [b](#b) [c](no.md)\n", encoding="utf-8")
    assert broken(page) == ["#b", "no.md"]
