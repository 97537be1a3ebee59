"""No template and no text of the package says or implies that one thing brings about another."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import publication_builders as builders
import pytest

import hotspots
from hotspots.publish import documents

PACKAGE = Path(hotspots.__file__).parent
TAGS = {"Triggers"}
"""Names that Windows gives to parts of a task's file, which nobody reads."""

CAUSAL = re.compile(
    r"\b(caus(e|es|ed|ing|al|ally|ation)|because of|due to|leads? to|led to|thanks to|"
    r"results? in|resulting|responsible for|explains?|explained by|driven by|drives|attracts?|"
    r"effects? of|impacts?|prevents?|prevented|works|worked|owing to|fuels?|triggers?|"
    r"contributes? to|blamed?)\b",
    re.IGNORECASE,
)


NAMED = "Crime Impact Statement"
"""What planners call their document."""


def spoken(path: Path) -> list[str]:
    """Return the texts of a module that are no documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    documented = {
        id(statement.value)
        for node in ast.walk(tree)
        if isinstance(node, holders)
        for statement in node.body
        if isinstance(statement, ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documented
    ]


SPEAKING = sorted(
    path
    for folder in ("publish", "cli", "pipeline")
    for path in (PACKAGE / folder).rglob("*")
    if path.suffix in {".py", ".jinja", ".js"}
)


@pytest.mark.parametrize("path", SPEAKING, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_no_text_of_the_package_claims_a_cause(path: Path) -> None:
    if path.suffix == ".py":
        texts = [text for text in spoken(path) if text not in TAGS]
    else:  # comments of a script are for its readers
        texts = [re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)]
    found = [match[0] for text in texts for match in CAUSAL.finditer(text.replace(NAMED, ""))]
    assert not found


def test_no_page_claims_a_cause(tmp_path: Path) -> None:
    documents.write(builders.publication(), tmp_path / "pages")
    pages = sorted((tmp_path / "pages").rglob("*.html"))
    assert pages
    for page in pages:
        text = page.read_text(encoding="utf-8")
        words = re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.DOTALL)
        assert not CAUSAL.search(words), page.name
