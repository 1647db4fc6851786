"""The lookups of a filter: the key of each in the query, the type of its value, and how it is read."""

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from webaio.exceptions import Fault, ImproperlyConfigured, ValidationError
from webaio.parameters._openapi import parameter_object
from webaio.schemas import Components, Schema
from webaio.schemas._annotation import bare_of

from ._filters import Lookup

MOST_VALUES: Final = 100
"""How many values a filter takes; each makes the work of the store longer."""

_TEXT: Final = ("contains", "startswith")
_LOOKUPS: Final = get_args(Lookup)
Read = Callable[[str], Any]


def key_of(name: str, lookup: str) -> str:
    """Give the key of a lookup in the query: `born.gte`."""
    return name if lookup == "eq" else f"{name}.{lookup}"


def reading(lookup: Lookup, schema: Schema) -> Read:
    """Make what reads the value of a lookup; it raises `ValidationError`."""
    if lookup != "in":
        return schema.convert

    def read_all(text: str) -> list[Any]:
        return [schema.convert(each) for each in split(text)]

    return read_all


def split(text: str) -> list[str]:
    """Take several values apart; raises `ValidationError` for too many."""
    texts = text.split(",")
    if len(texts) > MOST_VALUES:
        detail = f"Must have at most {MOST_VALUES} values"
        raise ValidationError(errors=[Fault("", "max_length", detail)])
    return texts


def described(
    name: str, lookup: Lookup, schema: Schema, components: Components
) -> Mapping[str, Any]:
    """Describe a lookup as a parameter of the query."""
    written = schema.json_schema(components, "input")
    if lookup == "in":
        return array(key_of(name, lookup), written)
    return parameter_object(key_of(name, lookup), "query", written, is_required=False)


def array(key: str, items: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe a parameter of several values, with commas between."""
    schema = {"type": "array", "items": items, "minItems": 1, "maxItems": MOST_VALUES}
    found = parameter_object(key, "query", schema, is_required=False)
    return {**found, "style": "form", "explode": False}


def type_for(known: Mapping[str, Any], name: str, lookup: str, where: str) -> Any:
    """Give the type of the value that a lookup takes."""
    if lookup not in _LOOKUPS:
        raise ImproperlyConfigured(
            where,
            f"{lookup!r} is no lookup of {name!r}",
            f"Use some of {', '.join(_LOOKUPS)}",
        )
    if lookup == "null":
        return bool
    if lookup in _TEXT:
        require_text(known, name, lookup, where)
        return str
    return known[name]


def require_text(known: Mapping[str, Any], name: str, what: str, where: str) -> None:
    """Refuse a field that is no text."""
    if bare_of(known[name]) is not str:
        raise ImproperlyConfigured(
            where, f"{name!r} is no text, and {what} looks into texts", "Name a field that is a str"
        )
