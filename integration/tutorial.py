"""The tutorial's code, read from its page: the page is what runs."""

import ast
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from webaio.scaffold import create_app, create_project

_FOLDER: Final = Path(__file__).parent.parent / "docs" / "tutorial"
PAGE: Final = _FOLDER / "quickstart.md"
NEXT_PAGE: Final = _FOLDER / "from-dict-to-model.md"
DOCUMENT_PAGE: Final = _FOLDER / "read-your-apis-document.md"
DATABASE_PAGE: Final = _FOLDER / "from-model-to-database.md"
ACCESS_PAGE: Final = _FOLDER / "who-may-change-an-artist.md"
PAGES: Final = (PAGE, NEXT_PAGE, DOCUMENT_PAGE, DATABASE_PAGE, ACCESS_PAGE)
ANSWERS: Final = {
    "project_slug": "quickstart",
    "project_name": "Quickstart",
    "description": "A example project",
    "port": "8080",
}

_SECTION: Final = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)
_LINE: Final = re.compile(
    r"^- In `(?P<path>[^`]+)`, write `(?P<text>[^`]+)` (?P<how>above|in place of) `(?P<old>[^`]+)`\.$",
    re.MULTILINE,
)
_DELETED: Final = re.compile(r"^- Delete `(?P<path>[^`]+)`", re.MULTILINE)
_BLOCK: Final = re.compile(
    r"^`(?P<path>[\w./]+)`(?P<fragment>, [^\n]+)?\n\n```python\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """Code for one file: the whole of it, or a fragment, which is imports and one method."""

    path: str
    code: str
    fragment: bool

    def write(self, project: Path) -> None:
        """Do to the project what the page tells the reader."""
        file = project / self.path
        file.write_text(_merged(file.read_text(), self.code) if self.fragment else self.code)


@dataclass(frozen=True, slots=True)
class Line:
    """A text to write into a file: above a line, as far to the right, or in place of another text."""

    path: str
    text: str
    old: str
    above: bool

    def write(self, project: Path) -> None:
        """Do to the project what the page tells the reader."""
        file = project / self.path
        source = file.read_text()
        pattern = rf"^( *)(?={re.escape(self.old)})" if self.above else re.escape(self.old)
        new = f"\\1{self.text}\n\\1" if self.above else self.text
        written, count = re.subn(pattern, new, source, flags=re.MULTILINE)
        assert count == 1, (self, source)
        file.write_text(written)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A file that is needed no more."""

    path: str

    def write(self, project: Path) -> None:
        """Do to the project what the page tells the reader."""
        (project / self.path).unlink()


Step = Block | Line | Deletion


def sections(page: Path = PAGE) -> dict[str, list[Step]]:
    """Give what is to be written under each heading of a page."""
    _, *parts = _SECTION.split(page.read_text())
    return {title: _steps(text) for title, text in zip(parts[::2], parts[1::2], strict=True)}


def make_project(folder: Path, last: Path = PAGE, **answers: str) -> Path:
    """Create the tutorial's project as it is at the end of a page, and give its path.

    `answers` are those that differ from the tutorial's.
    """
    project = create_project(ANSWERS | answers, folder)
    create_app({"app_name": "api"}, project)
    for page in PAGES[: PAGES.index(last) + 1]:
        for blocks in sections(page).values():
            for block in blocks:
                block.write(project)
    return project


def _steps(text: str) -> list[Step]:
    lines: list[Step] = [
        Line(found["path"], found["text"], found["old"], above=found["how"] == "above")
        for found in _LINE.finditer(text)
    ]
    deletions = [Deletion(found["path"]) for found in _DELETED.finditer(text)]
    blocks = [
        Block(found["path"], found["code"], fragment=found["fragment"] is not None)
        for found in _BLOCK.finditer(text)
    ]
    return [*lines, *deletions, *blocks]


def _merged(source: str, fragment: str) -> str:
    """Put a fragment's imports below the others, and its method into the last class of the module."""
    start = re.search(r"^ *async def (\w+)", fragment, re.MULTILINE)
    assert start is not None
    imports, method = fragment[: start.start()], fragment[start.start() :]
    indented = textwrap.indent(textwrap.dedent(method), "    ").splitlines()
    body = ast.parse(source).body
    lines = source.splitlines()
    *_, last_class = (node for node in body if isinstance(node, ast.ClassDef))
    same = [each for each in last_class.body if getattr(each, "name", None) == start[1]]
    if same:
        lines[same[0].lineno - 1 : same[0].end_lineno] = indented
    else:
        lines[last_class.end_lineno : last_class.end_lineno] = ["", *indented]
    *_, last_import = (node for node in body if isinstance(node, ast.Import | ast.ImportFrom))
    below = last_import.end_lineno or 0
    lines[below:below] = ["", *imports.split("\n")[:-2]] if imports.strip() else []
    return "\n".join(lines) + "\n"
