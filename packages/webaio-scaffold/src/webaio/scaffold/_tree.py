from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Final

ASCII: Final = str.maketrans("├└─│", "++-|")
"""Draws the lines of a tree for a terminal that knows no others."""

_Branches = dict[str, "_Branches"]


def tree_of(root: str, files: Iterable[PurePath]) -> str:
    """Draw the files below `root` as a tree, in their order."""
    branches: _Branches = {}
    for file in files:
        below = branches
        for part in file.parts:
            below = below.setdefault(part, {})
    return "\n".join([f"{root}/", *_lines(branches), ""])


def _lines(branches: _Branches) -> Iterator[str]:
    for number, (name, below) in enumerate(branches.items(), start=1):
        sign, indent = ("└── ", "    ") if number == len(branches) else ("├── ", "│   ")
        yield f"{sign}{name}{'/' if below else ''}"
        yield from (f"{indent}{line}" for line in _lines(below))
