"""What the fields of one form take, of whichever parameters they are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas import Components, Partial, Schema
from webaio.schemas._annotation import origin_of, without_null
from webaio.schemas._binary import binaries_in
from webaio.schemas._choice import form_schema_of
from webaio.schemas._schema import Field

from ._file import File
from ._keys import SEVERAL, keys_of
from ._source import Parameter

MULTIPART: Final = "multipart/form-data"
URLENCODED: Final = "application/x-www-form-urlencoded"


class FormField(Struct, frozen=True):
    """One field: a text, unless it has a class of files, or a decoder of JSON.

    `is_repeated` tells that it may stand there more than once.
    """

    is_repeated: bool
    file: type[File] | None = None
    decode: Callable[[bytes], Any] | None = None


class FormFields(Struct, frozen=True):
    """All fields of a form by their keys; `is_closed` tells that no other may be there."""

    fields: Mapping[str, FormField]
    is_closed: bool

    @property
    def has_files(self) -> bool:
        """Whether one of them is a file."""
        return any(each.file is not None for each in self.fields.values())

    @property
    def media_types(self) -> tuple[str, ...]:
        """The types of a body that can hold them."""
        is_plain = all(each.file is each.decode is None for each in self.fields.values())
        return (URLENCODED, MULTIPART) if is_plain else (MULTIPART,)


def form_fields_of(parameters: Sequence[Parameter]) -> FormFields:
    """Collect the fields of the parameters that share a form.

    Raises `ImproperlyConfigured` where one of several is a model, which is the whole form, and for
    a file that stands where no form has one.
    """
    fields: dict[str, FormField] = {}
    for parameter in parameters:
        _require_whole(parameter)
        members = parameter.schema.fields
        if members is not None and len(parameters) > 1:
            raise ImproperlyConfigured(
                parameter.where,
                "it is a model, and so the whole form, of which other parameters are fields",
                "Make one model of them",
            )
        if members is None:
            (key,) = keys_of(parameter)
            members = (Field(key, parameter.schema.takes, parameter.type),)
        for member in members:
            field = _form_field(member, parameter.where)
            if fields.setdefault(member.name, field) != field:
                raise ImproperlyConfigured(
                    parameter.where,
                    f"it reads the field {member.name!r}, and another parameter reads it otherwise",
                    "Give them one type, or another name",
                )
    return FormFields(fields, any(map(_is_closed, parameters)))


def _require_whole(parameter: Parameter) -> None:
    if origin_of(without_null(parameter.type)) is Partial:
        raise ImproperlyConfigured(
            parameter.where,
            "a form cannot hold its type, as Partial takes JSON",
            "Mark it with Body, or write a model whose members have defaults",
        )


def _form_field(member: Field, where: str) -> FormField:
    binaries = binaries_in(member.type)
    files = [each for each in binaries if issubclass(each, File)]
    if member.takes == "object" and not binaries:
        schema = form_schema_of(member.type)
        _require_object(schema, member.name, where)
        return FormField(is_repeated=False, decode=schema.decode)
    if len(binaries) > 1 or len(files) < len(binaries) or (files and member.takes == "object"):
        raise ImproperlyConfigured(
            where,
            f"the field {member.name!r} has a file in it, and a form has files beside other fields",
            "Write such as `File`, `File | None` or `list[File]`, not below another type",
        )
    return FormField(is_repeated=member.takes in SEVERAL, file=files[0] if files else None)


def _require_object(schema: Schema, name: str, where: str) -> None:
    """Refuse what is neither text nor one object: of a list each item would be a part."""
    components = Components()
    described = schema.json_schema(components, "input")
    parts = described.get("anyOf", [described])
    kinds = {components.definition(each).get("type") for each in parts} - {"null"}
    if kinds != {"object"}:
        raise ImproperlyConfigured(
            where,
            f"a form has texts, files, lists of them, and models, and the field {name!r} is none",
            "Put it into a model, which is JSON in its part",
        )


def _is_closed(parameter: Parameter) -> bool:
    if parameter.schema.fields is None:
        return False
    components = Components()
    model = components.definition(parameter.schema.json_schema(components, "input"))
    return model.get("additionalProperties") is False


def limited_files(fields: Mapping[str, FormField]) -> Iterator[tuple[str, str]]:
    """Give the keys of files that have a limited type, and the types, as OpenAPI writes them."""
    for key, each in fields.items():
        if each.file is not None and each.file.media_types:
            yield key, ", ".join(each.file.media_types)
