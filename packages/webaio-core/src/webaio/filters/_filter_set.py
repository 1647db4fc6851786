"""The source of `Filters`: what a client may ask of a list, read from the query."""

from __future__ import annotations  # of functions that are made for each action

import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import NoneType
from typing import Annotated, Any, Final, get_args

from aiohttp import web

from webaio.exceptions import Fault, ImproperlyConfigured, ValidationError, pointer
from webaio.parameters import Documentation, Inputs, Parameter, Source
from webaio.parameters._keys import keys_of_others
from webaio.parameters._openapi import parameter_object
from webaio.parameters._schemas import schema_for
from webaio.parameters._value import is_unicode, repeated
from webaio.schemas import Components, Schema
from webaio.schemas._annotation import is_union, union_of
from webaio.schemas._fault import below

from ._filters import Condition, Filters, Lookup, Order

MOST_VALUES: Final = 100
"""How many values a filter takes; each makes the work of the store longer."""

_TEXT: Final = ("contains", "startswith")
_LOOKUPS: Final = get_args(Lookup)
_RESERVED: Final = frozenset({"count", "cursor", "limit", "offset", "order", "page", "search"})
_UNKNOWN: Final = ("unknown", "Unknown field")
_Read = Callable[[str], Any]


class FilterSet(Source):
    """Marks what a client may ask of a list: conditions, an order, a search, all from the query.

    `fields` is a model, or a mapping of names to types. `filters` names the lookups that each may
    have, `ordering` the fields by which a client may order, `search` the texts that are searched;
    what is not named is refused with a 422. Without a wish the order is `default_ordering`.

        async def list(
            self,
            filters: Annotated[Filters, FilterSet(Artist, filters={"born": ["gte"]})],
        ) -> Artists:
            return filters.apply(ARTISTS)

    The lookups are `eq` (`born=1959`), `ne`, `gt`, `gte`, `lt`, `lte` (`born.gte=1959`), `in`
    (`born.in=1959,1960`, at most 100), `null` (`born.null=true`), and of texts `contains` and
    `startswith`, which do not look at case. An order is `order=name,-born`, a search `search=word`.

    Raises `ImproperlyConfigured` for a field that there is not, and for a lookup that is unknown or
    does not fit its type.
    """

    __slots__ = ("_default", "_ordering", "_search", "_types")
    location = "query"

    def __init__(
        self,
        fields: Any,
        *,
        filters: Mapping[str, Sequence[str]] | None = None,
        ordering: Sequence[str] = (),
        search: Sequence[str] = (),
        default_ordering: Sequence[str] = (),
    ) -> None:
        types = fields if isinstance(fields, Mapping) else _types_of(fields)
        _require_lists(ordering=ordering, search=search, default_ordering=default_ordering)
        known = {name: _bare(each) for name, each in types.items()}
        where = "FilterSet"
        _require_known(known, [*(filters or {}), *ordering, *search], where)
        _require_known(known, [each.removeprefix("-") for each in default_ordering], where)
        for each in search:
            _require_text(known, each, "search", where)
        self._types: dict[tuple[str, Any], Any] = {
            (name, lookup): _type_for(known, name, lookup, where)
            for name, lookups in (filters or {}).items()
            for lookup in lookups
        }
        self._ordering = tuple(ordering)
        self._search = tuple(search)
        self._default = tuple(map(_order, default_ordering))

    def reader(self, parameter: Parameter, inputs: Inputs) -> Callable[[web.Request], Filters]:
        """Make the function that reads the filters; it refuses a key that nobody takes."""
        lookups = {
            _key(name, lookup): (name, lookup, _reading(lookup, schema))
            for name, lookup, schema in self._schemas(parameter)
        }
        others = keys_of_others(parameter, inputs)

        def read(request: web.Request) -> Filters:
            query = request.query
            if not query:
                return Filters((), self._default, None, self._search)
            conditions: list[Condition] = []
            faults: list[Any] = []
            ordering, search = self._default, None
            for key in dict.fromkeys(query):
                if key in others:
                    continue
                texts = query.getall(key)
                if (fault := _fault_of(key, texts)) is not None:
                    faults.append(fault)
                elif key in lookups:
                    name, lookup, convert = lookups[key]
                    try:
                        conditions.append(Condition(name, lookup, convert(texts[0])))
                    except ValidationError as error:
                        faults += below(pointer(key), error)
                elif key == "order" and self._ordering:
                    try:
                        ordering = self._ordering_of(texts[0])
                    except ValidationError as error:
                        faults += error.errors
                elif key == "search" and self._search:
                    search = texts[0] or None
                else:
                    faults.append(Fault(pointer(key), *_UNKNOWN))
            if faults:
                raise ValidationError(errors=faults)
            return Filters(tuple(conditions), ordering, search, self._search)

        return read

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        """Tell each filter, the order and the search as parameters of the query."""
        described = [
            _described(name, lookup, schema, components)
            for name, lookup, schema in self._schemas(parameter)
        ]
        if self._ordering:
            choices = [sign + each for each in self._ordering for sign in ("", "-")]
            described.append(_array("order", {"type": "string", "enum": choices}))
        if self._search:
            words = f"A part of {' or '.join(self._search)}, in any case"
            schema = {"type": "string", "description": words}
            described.append(parameter_object("search", "query", schema, is_required=False))
        return Documentation(tuple(described), errors=(422,))

    def _schemas(self, parameter: Parameter) -> Iterator[tuple[str, Lookup, Schema]]:
        for (name, lookup), annotation in self._types.items():
            yield name, lookup, schema_for(annotation, f"{parameter.where}, filter {name!r}")

    def _ordering_of(self, text: str) -> tuple[Order, ...]:
        found: dict[str, Order] = {}
        for each in map(_order, _split(text, "/order")):
            found.setdefault(
                each.field, each
            )  # by what is equal already, there is nothing to order
        if not found.keys() <= {*self._ordering}:
            detail = f"Must be some of {', '.join(self._ordering)}, with or without -"
            raise ValidationError(errors=[Fault("/order", "enum", detail)])
        return tuple(found.values())


def _fault_of(key: str, texts: Sequence[str]) -> Fault | None:
    """Find what is wrong with a key, whatever it means."""
    if len(texts) > 1:
        return repeated(key)
    return None if is_unicode(texts[0]) else Fault(pointer(key), "format", "Not valid UTF-8")


def _order(text: str) -> Order:
    return Order(text.removeprefix("-"), text.startswith("-"))


def _key(name: str, lookup: str) -> str:
    return name if lookup == "eq" else f"{name}.{lookup}"


def _reading(lookup: Lookup, schema: Schema) -> _Read:
    if lookup != "in":
        return schema.convert

    def read_all(text: str) -> list[Any]:
        return [schema.convert(each) for each in _split(text, "")]

    return read_all


def _split(text: str, place: str) -> list[str]:
    texts = text.split(",")
    if len(texts) > MOST_VALUES:
        detail = f"Must have at most {MOST_VALUES} values"
        raise ValidationError(errors=[Fault(place, "max_length", detail)])
    return texts


def _described(
    name: str, lookup: Lookup, schema: Schema, components: Components
) -> Mapping[str, Any]:
    described = schema.json_schema(components, "input")
    if lookup == "in":
        return _array(_key(name, lookup), described)
    return parameter_object(_key(name, lookup), "query", described, is_required=False)


def _array(key: str, items: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe a parameter of several values, with commas between."""
    schema = {"type": "array", "items": items, "minItems": 1, "maxItems": MOST_VALUES}
    found = parameter_object(key, "query", schema, is_required=False)
    return {**found, "style": "form", "explode": False}


def _types_of(model: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(model, include_extras=True)
    except (NameError, TypeError) as error:
        raise ImproperlyConfigured(
            "FilterSet", f"{model!r} does not say its fields ({error})", "Give a model, or types"
        ) from error


def _bare(annotation: Any) -> Any:
    """Leave null out of a type: a client asks for it by `null`."""
    if hasattr(annotation, "__metadata__"):
        return Annotated[_bare(annotation.__origin__), *annotation.__metadata__]
    members = [each for each in get_args(annotation) if each is not NoneType]
    return union_of(members) if is_union(annotation) else annotation


def _require_lists(**words: Any) -> None:
    for word, value in words.items():
        if isinstance(value, str):
            raise ImproperlyConfigured(
                "FilterSet", f"{word}={value!r} is one name", f"Write [{value!r}]"
            )


def _require_known(known: Collection[str], names: Collection[str], where: str) -> None:
    for each in names:
        if each not in known:
            raise ImproperlyConfigured(
                where, f"there is no field {each!r}", f"Use some of {', '.join(known)}"
            )
        if each in _RESERVED:
            raise ImproperlyConfigured(
                where, f"{each!r} is a word of lists itself", "Leave it out, or rename the field"
            )


def _type_for(known: Mapping[str, Any], name: str, lookup: str, where: str) -> Any:
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
        _require_text(known, name, lookup, where)
        return str
    return known[name]


def _require_text(known: Mapping[str, Any], name: str, what: str, where: str) -> None:
    annotation = known[name]
    bare = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    if bare is not str:
        raise ImproperlyConfigured(
            where, f"{name!r} is no text, and {what} looks into texts", "Name a field that is a str"
        )
