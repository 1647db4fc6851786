import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

import msgspec

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas import Components, Schema

from ._base_renderer import BaseRenderer, Write

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a text begins that a spreadsheet may run; the last four are those of full width."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([Ee][+-]?[0-9]+)?")
_SINGLE: Final = frozenset({"boolean", "integer", "null", "number", "string"})
_CHOICES: Final = ("anyOf", "oneOf", "allOf")
_decode: Final = msgspec.json.Decoder().decode

Cell = Callable[[Any], Any]


class CSV(BaseRenderer):
    """The items of a list, or of a page, as lines of CSV (RFC 4180) below the names of members.

    A text that a spreadsheet would run as a formula, since it begins with such as `=`, gets a `'`
    before it, unless it is a number; `escape_formulas=False` leaves it, for programs alone. None,
    and what the JSON leaves out, are empty.

    The items are of one model, and their members single values: for another type registration
    raises `ImproperlyConfigured`.

        renderers = {"list": (JSON(), CSV())}
    """

    media_type: ClassVar[str] = "text/csv"

    def __init__(self, *, escape_formulas: bool = True) -> None:
        self._cell = _escaped if escape_formulas else _cell

    def writer(self, schema: Schema, encode: Write, where: str) -> Write:
        """Make the function that writes the items of a result."""
        columns, is_page = _columns_of(schema, where)
        cell = self._cell

        def write(result: Any) -> bytes:
            data = _decode(encode(result))
            return _written(data["items"] if is_page else data, columns, cell)

        return write

    def json_schema(self, schema: Schema, components: Components) -> dict[str, Any]:
        """Describe it as a text."""
        return {"type": "string"}


def _written(items: Iterable[Mapping[str, Any]], columns: Sequence[str], cell: Cell) -> bytes:
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(columns)
    lines.writerows([cell(item.get(each)) for each in columns] for item in items)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _escaped(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return _cell(value)


def _columns_of(schema: Schema, where: str) -> tuple[list[str], bool]:
    """Give the names of the members of items, and whether these are on a page."""
    components = Components()
    described = components.definition(schema.json_schema(components, "output"))
    members = described.get("properties", {})
    is_page = {"items", "next"} <= members.keys()
    items = (members["items"] if is_page else described).get("items")
    item = components.definition(items) if isinstance(items, dict) and "anyOf" not in items else {}
    columns = item.get("properties", {})
    if not columns:
        raise ImproperlyConfigured(
            where,
            "its result is no list and no page of items of one model, which CSV could have",
            "Say the renderers of each action: {'list': (JSON(), CSV())}",
        )
    for name, each in columns.items():
        if not _is_single(each, components):
            raise ImproperlyConfigured(
                where,
                f"CSV has no place for {name!r}, which may be more than a text or a number",
                "Give items of a model without it, or leave CSV out",
            )
    return [*columns], is_page


def _is_single(schema: Mapping[str, Any], components: Components) -> bool:
    """Tell whether a schema takes single values alone."""
    for word in _CHOICES:
        if word in schema:
            return all(_is_single(each, components) for each in schema[word])
    found = components.definition(dict(schema))
    if "enum" in found or "const" in found:
        return True
    types = found.get("type", ())
    return bool(types) and _SINGLE.issuperset([types] if isinstance(types, str) else types)
