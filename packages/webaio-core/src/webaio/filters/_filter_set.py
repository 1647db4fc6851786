"""The source of `Filters`: what a client may ask of a list, read from the query."""

from __future__ import annotations  # of functions that are made for each action

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from webaio.exceptions import Fault, ImproperlyConfigured, ValidationError, pointer
from webaio.parameters import Documentation, Inputs, Parameter, Source
from webaio.parameters._keys import keys_of_others
from webaio.parameters._openapi import parameter_object
from webaio.parameters._schemas import schema_for
from webaio.parameters._unicode import require_unicode
from webaio.parameters._value import repeated
from webaio.schemas import Components, Schema
from webaio.schemas._annotation import members_of, without_null
from webaio.schemas._fault import below

from ._filters import Condition, Filters, Lookup, Order
from ._lookups import Read, array, described, key_of, reading, require_text, split, type_for

_RESERVED: Final = frozenset({"count", "cursor", "limit", "offset", "order", "page", "search"})
_UNKNOWN: Final = ("unknown", "Unknown field")


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
        known = {name: without_null(each) for name, each in types.items()}
        where = "FilterSet"
        _require_known(known, [*(filters or {}), *ordering, *search], where)
        _require_known(known, [each.removeprefix("-") for each in default_ordering], where)
        for each in search:
            require_text(known, each, "search", where)
        self._types: dict[tuple[str, Any], Any] = {
            (name, lookup): type_for(known, name, lookup, where)
            for name, lookups in (filters or {}).items()
            for lookup in lookups
        }
        self._ordering = tuple(ordering)
        self._search = tuple(search)
        self._default = tuple(map(_order, default_ordering))

    def reader(self, parameter: Parameter, inputs: Inputs) -> Callable[[web.Request], Filters]:
        """Make the function that reads the filters; it refuses a key that nobody takes."""
        lookups = {
            key_of(name, lookup): (name, lookup, reading(lookup, schema))
            for name, lookup, schema in self._schemas(parameter)
        }
        reads: dict[str, Read] = {key: read for key, (_, _, read) in lookups.items()}
        if self._ordering:
            reads["order"] = self._ordering_of
        if self._search:
            reads["search"] = str
        others = keys_of_others(parameter, inputs)

        def read(request: web.Request) -> Filters:
            found: dict[str, Any] = {}
            faults: list[Any] = []
            for key in dict.fromkeys(request.query):
                if key in others:
                    continue
                try:
                    found[key] = _read(key, request.query.getall(key), reads.get(key))
                except ValidationError as error:
                    faults += error.errors
            if faults:
                raise ValidationError(errors=faults)
            ordering, search = found.pop("order", self._default), found.pop("search", None)
            conditions = (Condition(*lookups[key][:2], value) for key, value in found.items())
            return Filters(tuple(conditions), ordering, search or None, self._search)

        return read

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        """Tell each filter, the order and the search as parameters of the query."""
        found = [
            described(name, lookup, schema, components)
            for name, lookup, schema in self._schemas(parameter)
        ]
        if self._ordering:
            choices = [sign + each for each in self._ordering for sign in ("", "-")]
            found.append(array("order", {"type": "string", "enum": choices}))
        if self._search:
            words = f"A part of {' or '.join(self._search)}, in any case"
            schema = {"type": "string", "description": words}
            found.append(parameter_object("search", "query", schema, is_required=False))
        return Documentation(tuple(found), errors=(422,))

    def _schemas(self, parameter: Parameter) -> Iterator[tuple[str, Lookup, Schema]]:
        for (name, lookup), annotation in self._types.items():
            yield name, lookup, schema_for(annotation, f"{parameter.where}, filter {name!r}")

    def _ordering_of(self, text: str) -> tuple[Order, ...]:
        found: dict[str, Order] = {}
        for each in map(_order, split(text)):
            found.setdefault(each.field, each)  # a second word of a field orders nothing
        if not found.keys() <= {*self._ordering}:
            detail = f"Must be some of {', '.join(self._ordering)}, with or without -"
            raise ValidationError(errors=[Fault("", "enum", detail)])
        return tuple(found.values())


def _read(key: str, texts: Sequence[str], read: Read | None) -> Any:
    """Read the one text of a key, which nobody may know."""
    if len(texts) > 1:
        raise ValidationError(errors=[repeated(key)])
    require_unicode(key, texts)
    if read is None:
        raise ValidationError(errors=[Fault(pointer(key), *_UNKNOWN)])
    try:
        return read(texts[0])
    except ValidationError as error:
        raise ValidationError(errors=below(pointer(key), error)) from None


def _order(text: str) -> Order:
    return Order(text.removeprefix("-"), text.startswith("-"))


def _types_of(model: Any) -> dict[str, Any]:
    try:
        return members_of(model)
    except (NameError, TypeError) as error:
        raise ImproperlyConfigured(
            "FilterSet", f"{model!r} does not say its fields ({error})", "Give a model, or types"
        ) from error


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
