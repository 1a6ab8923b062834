"""The parts of the README that are made from the code: the file map and the table of settings.

`python -m tests.readme_map` writes them; tests/test_readme.py fails when they are out of date.
"""

import ast
from pathlib import Path

from channels.settings import Settings

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PACKAGES = ("channels", "bot", "knowledge", "billing")


def first_line(path: Path) -> str:
    """The first line of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def file_map() -> str:
    """Every module with its first line, package by package."""
    lines = []
    for package in PACKAGES:
        for folder in sorted({path.parent for path in (ROOT / package).rglob("*.py")}):
            if "versions" in folder.parts:
                continue
            lines.append(f"**{folder.relative_to(ROOT).as_posix()}/** {first_line(folder / '__init__.py')}\n")
            lines += [
                f"- `{path.name}` {first_line(path)}"
                for path in sorted(folder.glob("*.py"))
                if path.name != "__init__.py"
            ]
            lines.append("")
    return "\n".join(lines).strip()


def settings_table() -> str:
    """Every setting, its value when nothing is set, and what it is."""
    lines = ["| setting | default | what it is |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.get_default() if field.default_factory is None else "the user's data folder"
        shown = str(getattr(default, "get_secret_value", lambda default=default: default)() or "")
        lines.append(f"| `FRONTDESK_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines)


PARTS = {"file map": file_map, "settings": settings_table}


def written(readme: str) -> str:
    """The README's text with its generated parts made anew."""
    for name, make in PARTS.items():
        before, start, rest = readme.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        readme = f"{before}{start}{make()}\n{end}{after}"
    return readme


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
