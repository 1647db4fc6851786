"""From a body to the values of columns."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec
from sqlalchemy import JSON, Column
from sqlalchemy.orm import Mapper

from webaio.exceptions import Fault, ImproperlyConfigured, ValidationError, pointer
from webaio.schemas import Partial, schema_of
from webaio.schemas._annotation import bare_of, origin_of
from webaio.schemas._fault import below

from ._columns import columns_of
from ._output import fields_of
from ._types import annotation_of


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
        self._checks = {name: check for name in fields if (check := _check_of(columns[name]))}
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
        faults: list[Any] = []
        for name, check in self._checks.items():
            if values.get(name) is not None:
                try:
                    check(values[name])
                except ValidationError as error:
                    faults += below(self.place_of(name), error)
        if faults:
            raise ValidationError(errors=faults)


def _plain(value: Any) -> Any:
    """Give a document for a JSON column, of whatever library its model is."""
    dump = getattr(value, "model_dump", None)
    return msgspec.to_builtins(value) if dump is None else dump(mode="json")


def _check_of(column: Column[Any]) -> Callable[[Any], Any] | None:
    """Make what refuses a value that its column cannot hold; None where each value fits."""
    annotation = annotation_of(column.type)
    is_limited = bare_of(annotation) is not annotation or origin_of(annotation) is Literal
    schema = schema_of(annotation) if is_limited else None
    if schema is None and annotation is not str:
        return None

    def check(value: Any) -> None:
        if isinstance(value, str) and "\0" in value:
            raise ValidationError(errors=[Fault("", "format", "Has a NUL")])
        if schema is not None:
            schema.decode(schema.encode(value))

    return check


def _name_on_the_wire(model: Any, name: str) -> str:
    if isinstance(model, type) and issubclass(model, msgspec.Struct):
        names = dict(zip(model.__struct_fields__, model.__struct_encode_fields__, strict=True))
        return names[name]
    field = getattr(model, "model_fields", {}).get(name)
    return getattr(field, "alias", None) or name
