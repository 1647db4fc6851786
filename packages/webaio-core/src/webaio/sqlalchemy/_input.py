"""From a body to the values of columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import JSON, BigInteger, Column, Enum, Integer, SmallInteger, String
from sqlalchemy.orm import Mapper

from webaio.exceptions import Fault, ImproperlyConfigured, ValidationError, pointer
from webaio.schemas import Partial

from ._columns import columns_of
from ._output import fields_of
from ._types import UTCDateTime

_BITS: Final = ((SmallInteger, 15), (BigInteger, 63), (Integer, 31))
_NO_TIMEZONE: Final = ("timezone", "Must have a timezone")
_Rule = Callable[[Any], tuple[str, str] | None]


class Input:
    """How a body becomes what is written: its members are columns, and fit into them."""

    def __init__(self, mapper: Mapper[Any], model: Any, where: str) -> None:
        columns = columns_of(mapper)
        fields = fields_of(model, where)
        if unknown := [each for each in fields if each not in columns]:
            raise ImproperlyConfigured(
                where,
                f"{model.__qualname__} has {', '.join(unknown)}, and {mapper.class_.__qualname__} "
                "has no such columns",
                "Name the columns, such as `artist_id` and not `artist`",
            )
        if computed := [each for each in fields if columns[each].computed is not None]:
            raise ImproperlyConfigured(
                where, f"the database computes {', '.join(computed)}", "Take it out of the model"
            )
        self._columns = {name: columns[name] for name in fields}
        self._rules = {name: rule for name in fields if (rule := _rule_of(columns[name]))}
        self._documents = {name for name in fields if isinstance(columns[name].type, JSON)}
        self._wire = {name: _name_on_the_wire(model, name) for name in fields}

    def values(self, body: Any) -> dict[str, Any]:
        """Give what a body, or a `Partial` of it, says; raises `ValidationError` for what does not fit."""
        if isinstance(body, Partial):
            found = dict(body.changes)
        else:
            members = body if isinstance(body, Mapping) else None
            found = {
                name: getattr(body, name, msgspec.UNSET)
                if members is None
                else members.get(name, msgspec.UNSET)
                for name in self._columns
            }
        values = {name: each for name, each in found.items() if each is not msgspec.UNSET}
        self.require_fitting(values)
        for name in self._documents & values.keys():
            values[name] = _plain(values[name])
        return values

    def place_of(self, name: str) -> str:
        """Point to a column as the client knows it; one that no body says has its own name."""
        return pointer(self._wire.get(name, name))

    def require_fitting(self, values: Mapping[str, Any]) -> None:
        """Refuse what the columns cannot hold, at the names that the client knows."""
        faults = [
            Fault(self.place_of(name), *reason)
            for name, rule in self._rules.items()
            if values.get(name) is not None and (reason := rule(values[name])) is not None
        ]
        if faults:
            raise ValidationError(errors=faults)


def _plain(value: Any) -> Any:
    """Give a document for a JSON column, of whatever library its model is."""
    dump = getattr(value, "model_dump", None)
    return msgspec.to_builtins(value) if dump is None else dump(mode="json")


def _rule_of(column: Column[Any]) -> _Rule | None:
    for kind, bits in _BITS:
        if isinstance(column.type, kind):
            return _range_rule(-(2**bits), 2**bits - 1)
    if isinstance(column.type, UTCDateTime):
        return lambda value: _NO_TIMEZONE if value.tzinfo is None else None
    if isinstance(column.type, Enum):
        return None if column.type.enum_class else _choice_rule(column.type.enums)
    return _text_rule(column.type.length) if isinstance(column.type, String) else None


def _range_rule(least: int, most: int) -> _Rule:
    too_small = ("minimum", f"Must be at least {least}")
    too_large = ("maximum", f"Must be at most {most}")
    return lambda value: too_small if value < least else too_large if value > most else None


def _choice_rule(choices: Sequence[str]) -> _Rule:
    other = ("enum", f"Must be one of {', '.join(choices)}")
    return lambda value: None if value in choices else other


def _text_rule(most: int | None) -> _Rule:
    too_long = ("max_length", f"Must have a length of at most {most}")

    def rule(value: Any) -> tuple[str, str] | None:
        if not isinstance(value, str):
            return None
        if "\0" in value:
            return "format", "Has a NUL"
        return too_long if most is not None and len(value) > most else None

    return rule


def _name_on_the_wire(model: Any, name: str) -> str:
    if isinstance(model, type) and issubclass(model, msgspec.Struct):
        names = dict(zip(model.__struct_fields__, model.__struct_encode_fields__, strict=True))
        return names[name]
    field = getattr(model, "model_fields", {}).get(name)
    return getattr(field, "alias", None) or name
