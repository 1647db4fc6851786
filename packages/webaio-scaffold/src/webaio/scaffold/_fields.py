"""What `--fields` says of a resource, `name:str born:int?`, and what the templates make of it."""

import keyword
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ._answers import Refused


@dataclass(frozen=True, slots=True)
class _Type:
    """How a type of `--fields` is written: what goes out, what comes in, its column, two values."""

    sent: str
    received: str
    received_by_table: str
    column: str
    values: tuple[str, str]


def _plain(name: str, *values: str) -> _Type:
    first, second = values
    return _Type(name, name, name, "", (first, second))


_INSTANT: Final = "Annotated[dt.datetime, Meta(tz=True)]"
_TYPES: Final = {
    "bool": _plain("bool", "True", "False"),
    "date": _plain("dt.date", '"2001-02-03"', '"2004-05-06"'),
    "datetime": _Type(
        "dt.datetime",
        _INSTANT,
        _INSTANT,
        "UTCDateTime",
        ('"2001-02-03T04:05:06Z"', '"2007-08-09T10:11:12Z"'),
    ),
    "float": _plain("float", "1.5", "2.5"),
    "int": _Type("int", "int", "Int", "", ("1", "2")),
    "str": _Type(
        "str",
        "Annotated[str, Meta(min_length=1, max_length=100)]",
        "Text100",
        "String(100)",
        ('"First"', '"Second"'),
    ),
    "text": _Type("str", "str", "str", "Text", ('"First"', '"Second"')),
    "uuid": _plain(
        "UUID",
        f'"{"1" * 8}-{"1" * 4}-4111-8111-{"1" * 12}"',
        f'"{"2" * 8}-{"2" * 4}-4222-8222-{"2" * 12}"',
    ),
}
_FIELD: Final = re.compile(r"(?P<name>[a-z][a-z0-9]*(?:_[a-z0-9]+)*):(?P<type>\w+)(?P<null>\??)")
_LONGEST_NAME: Final = 30
_TAKEN: Final = frozenset({"bool", "dt", "float", "id", "int", "metadata", "registry", "str"})
"""What a member of that name would hide, or is already."""

_MODULES: Final = {
    "Annotated": "typing",
    "Int": "webaio.sqlalchemy",
    "Mapped": "sqlalchemy.orm",
    "Meta": "msgspec",
    "String": "sqlalchemy",
    "Struct": "msgspec",
    "Text": "sqlalchemy",
    "Text100": "webaio.sqlalchemy",
    "UTCDateTime": "webaio.sqlalchemy",
    "UUID": "uuid",
    "mapped_column": "sqlalchemy.orm",
}
"""Where the words of members and columns are imported from."""


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a resource: its name, how its type is written, and whether it may be null."""

    name: str
    type: _Type
    is_nullable: bool

    def received(self, *, has_table: bool) -> str:
        """Give its line in the model of what comes in."""
        annotation = self.type.received_by_table if has_table else self.type.received
        return f"    {self.name}: {annotation}{' | None = None' if self.is_nullable else ''}\n"

    def sent(self) -> str:
        """Give its line in the model of what goes out."""
        return f"    {self.name}: {self._annotation()}\n"

    def column(self) -> str:
        """Give its line in the table."""
        column = f" = mapped_column({self.type.column})" if self.type.column else ""
        return f"    {self.name}: Mapped[{self._annotation()}]{column}\n"

    def value(self, number: int) -> str:
        """Give its line in the first or second body of the tests."""
        return f'    "{self.name}": {self.type.values[number]},\n'

    def _annotation(self) -> str:
        return f"{self.type.sent} | None" if self.is_nullable else self.type.sent


def fields_of(texts: Sequence[str]) -> list[Field]:
    """Read what `--fields` says, those that may be null last; raises `Refused` for what it cannot."""
    fields = [_field_of(text) for text in texts]
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise Refused(f"field {name!r} is there twice. Leave one out.")
    if not fields:
        raise Refused("A resource without fields is none. Give one, such as name:str.")
    return sorted(fields, key=lambda field: field.is_nullable)


def words_of_fields(fields: Sequence[Field], *, has_table: bool) -> dict[str, str]:
    """Give what the template of a resource needs of its fields."""
    received = "".join(field.received(has_table=has_table) for field in fields)
    sent = "".join(field.sent() for field in fields)
    columns = "".join(field.column() for field in fields)
    key = "" if has_table else "UUID"
    return {
        "received": received,
        "sent": sent,
        "columns": columns,
        "model_imports": _imports(f"Struct {key} {received} {sent}"),
        "table_imports": _imports(f"Mapped mapped_column {columns}"),
        "first": "".join(field.value(0) for field in fields),
        "second": "".join(field.value(1) for field in fields),
        "first_field": fields[0].name,
    }


def _field_of(text: str) -> Field:
    found = _FIELD.fullmatch(text)
    if found is None or found["type"] not in _TYPES or len(found["name"]) > _LONGEST_NAME:
        raise Refused(
            f"field {text!r} cannot be read. Write NAME:TYPE, such as 'name:str', or 'born:int?' for "
            f"what may be null. A name is up to {_LONGEST_NAME} lower-case letters and digits, words "
            f"joined by '_'; a type is one of {', '.join(_TYPES)}."
        )
    name = found["name"]
    if name in _TAKEN or keyword.iskeyword(name):
        raise Refused(
            f"field {text!r} has a name that is needed for something else. Choose another."
        )
    return Field(name, _TYPES[found["type"]], is_nullable=bool(found["null"]))


def _imports(code: str) -> str:
    """Give the import lines of some code, sorted as its linter wants them."""
    used = {word for word in re.findall(r"\w+", code) if word in _MODULES}
    ours = ["import datetime as dt"] if re.search(r"\bdt\.", code) else []
    ours += _lines(used, ("typing", "uuid"))
    others = _lines(used, ("msgspec", "sqlalchemy", "sqlalchemy.orm", "webaio.sqlalchemy"))
    return "\n\n".join("\n".join(lines) for lines in (ours, others) if lines) + "\n"


def _lines(used: Iterable[str], modules: Iterable[str]) -> list[str]:
    imported = (
        (module, sorted(name for name in used if _MODULES[name] == module)) for module in modules
    )
    return [f"from {module} import {', '.join(names)}" for module, names in imported if names]
