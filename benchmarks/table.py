"""A table in Markdown that is readable on a terminal too."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the names of the columns, the rows, and perhaps a sentence about them."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    labels: int = 1
    """How many columns, from the left, are words; the others are figures."""

    def markdown(self) -> str:
        columns = list(zip(self.header, *self.rows, strict=True))
        widths = [max(map(len, column)) for column in columns]
        rule = [
            "-" * width if index < self.labels else "-" * (width - 1) + ":"
            for index, width in enumerate(widths)
        ]
        lines = [self._line(row, widths) for row in (self.header, rule, *self.rows)]
        return "\n\n".join(
            part for part in (f"## {self.title}", self.note, "\n".join(lines)) if part
        )

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        padded = [
            cell.ljust(width) if index < self.labels else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"
