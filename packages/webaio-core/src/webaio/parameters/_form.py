from __future__ import annotations  # of functions that are made for each action

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from webaio.exceptions import Fault, ValidationError
from webaio.schemas import Components
from webaio.schemas._json_schema import JsonSchema

from ._file import File
from ._form_data import form_in
from ._form_fields import MULTIPART, form_fields_of, limited_files
from ._form_reading import form_reader
from ._keyed import KeyedSource
from ._keys import keys_of
from ._openapi import is_any_text, schema_with_default
from ._source import Documentation, Inputs, Parameter, Reader

_NULL: Final = {"type": "null"}
_DEFAULTS: Final[list[tuple[str, Any]]] = [("default", None), ("default", [])]
"""What no form can say; Swagger UI would send an empty item for a list without any."""


@dataclass(frozen=True)  # for the name in its messages
class Form(KeyedSource):
    """A field of the form that is the body; of a model, the whole form.

        async def create(self, body: Annotated[Upload, Form]) -> Artist: ...
        async def create(self, title: Annotated[str, Form], cover: File) -> Artist: ...

    A form is urlencoded or multipart; with a `File`, or a member that is JSON, multipart alone.
    """

    __slots__ = ()
    location = "body"
    holds_files = holds_json = takes_many = True

    def reader(self, parameter: Parameter, inputs: Inputs) -> Reader:
        """Make the coroutine function that reads it.

        It raises `ParseError`, `ContentTooLarge` and `UnsupportedMediaType` for a form that cannot
        be read, and `ValidationError` for values that break their types.
        """
        read_values = super().reader(parameter, inputs)
        fields = form_fields_of(_of_form(inputs))
        read_form = form_reader(fields, inputs.client_max_size)
        is_model, keys = parameter.schema.fields is not None, keys_of(parameter)

        async def read(request: web.Request) -> Any:
            form = await read_form(request)
            faults = [
                each for key in form.faults if is_model or key in keys for each in form.faults[key]
            ]
            try:
                value = read_values(request)
            except ValidationError as error:
                raise ValidationError(errors=[*faults, *_others(error.errors, faults)]) from None
            if faults:
                raise ValidationError(errors=faults)
            return value

        return read

    def texts(self, request: web.Request, key: str) -> Sequence[Any]:
        return form_in(request).values.get(key, ())

    def keys_in(self, request: web.Request, named: Collection[str]) -> Iterable[str]:
        """Give all keys: a model may refuse those that nobody knows."""
        return form_in(request).values

    @staticmethod
    def require_unicode(key: str, texts: Sequence[Any]) -> None:
        """Leave it to who has read them: not all are texts."""

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        """Tell of the whole form, whichever of its fields is asked about."""
        parameters = _of_form(inputs)
        fields = form_fields_of(parameters)
        content: dict[str, JsonSchema] = {"schema": _schema(parameters, components)}
        encoding = {key: {"contentType": types} for key, types in limited_files(fields.fields)}
        is_required = any(each.is_required for each in parameters)
        media_types = {
            each: {**content, "encoding": encoding} if encoding and each == MULTIPART else content
            for each in fields.media_types
        }
        return Documentation(
            body={"content": media_types, "required": is_required}, errors=(400, 413, 415, 422)
        )


File.__source__ = Form()


def takes_form(inputs: Inputs) -> bool:
    """Tell whether a parameter is read from a form."""
    return bool(_of_form(inputs))


def _of_form(inputs: Inputs) -> list[Parameter]:
    return [each for each in inputs.parameters if isinstance(each.source, Form)]


def _others(errors: Iterable[Any], faults: Iterable[Fault]) -> list[Any]:
    """Leave out what is said of a value that was not added, since it is wrong."""
    places = {each.pointer for each in faults}
    return [each for each in errors if getattr(each, "pointer", None) not in places]


def _schema(parameters: Sequence[Parameter], components: Components) -> JsonSchema:
    """Describe a form as one object."""
    properties: dict[str, JsonSchema] = {}
    required: list[str] = []
    for each in parameters:
        if each.schema.fields is not None:
            model = components.definition(each.schema.json_schema(components, "input"))
            needed = model.get("required", ()) if each.is_required else ()
            members = {
                name: _field(part, is_required=name in needed)
                for name, part in model["properties"].items()
            }
            return {
                **{name: part for name, part in model.items() if name != "title"},
                "properties": members,
            }
        (key,) = keys_of(each)
        schema = schema_with_default(each, components)
        properties[key] = _field(schema, is_required=each.is_required)
        if each.is_required:
            required.append(key)
    found: JsonSchema = {"type": "object", "properties": properties}
    return {**found, "required": required} if required else found


def _field(schema: JsonSchema, *, is_required: bool) -> JsonSchema:
    """Describe a field: a form has no null, which is a text as another, and no list without items."""
    found = {name: each for name, each in schema.items() if (name, each) not in _DEFAULTS}
    kept: list[Mapping[str, Any]] = [each for each in found.get("anyOf", ()) if each != _NULL]
    if len(kept) == 1 and (_is_of_parts(kept[0]) or is_any_text(kept[0])):
        del found["anyOf"]
        found = {**kept[0], **found}
    if is_required and found.get("type") == "array":
        found["minItems"] = max(1, found.get("minItems", 0))
    return found


def _is_of_parts(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" or schema.get("format") == "binary"
