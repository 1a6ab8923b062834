"""The house rules that a machine can check: size, names, first lines, no import that does something."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("billing", "bot", "channels", "knowledge")
FILES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations/versions" not in path.as_posix()
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SHEDS = re.compile(r"(^|_)(utils?|helpers?|common|managers?|base|misc)(_|$)")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [*FILES, *TESTS], ids=name_of)
def test_file_is_small_and_says_what_it_holds(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert docstring.strip(), "the first line says what lives here"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_function_is_longer_than_a_page(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= 40, f"{node.name} has {lines} lines"


def test_no_shed_is_added_to_the_house() -> None:
    assert [name_of(path) for path in FILES if SHEDS.search(path.stem)] == []


def test_package_faces_define_nothing() -> None:
    for path in FILES:
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1, name_of(path)


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        name_of(path)
        for path in FILES
        if re.search(r"os\.environ|os\.getenv|BaseSettings", path.read_text(encoding="utf-8"))
    ]
    assert readers == ["channels/settings.py"]
