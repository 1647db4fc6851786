"""The fields of pydantic's models."""

import dataclasses
from typing import Annotated, Any, TypeGuard

import pydantic
from pydantic.fields import FieldInfo

from .._annotation import pieces_of


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """The names in the models of a type: of all members, and of those that tell models apart."""

    members: frozenset[str]
    tags: frozenset[str]

    @staticmethod
    def of(annotation: Any) -> "Named":
        """Go through a type."""
        pieces = list(pieces_of(annotation))
        fields = [
            (name, field, names_on_the_wire(model, name, field))
            for model in pieces
            if is_object(model)
            for name, field in model.model_fields.items()
        ]
        tags = {_tag_of(each) for each in [*pieces, *(field for _, field, _ in fields)]} - {None}
        members = {each for _, _, names in fields for each in names}
        aliases = {each for name, _, names in fields if name in tags for each in names}
        return Named(frozenset(members), frozenset(filter(None, tags)) | aliases)


def _tag_of(piece: Any) -> str | None:
    """Name the field that tells the models of a union from each other."""
    name = getattr(piece, "discriminator", None)
    name = getattr(name, "discriminator", name)
    return name if isinstance(name, str) else None


def is_object(annotation: Any) -> TypeGuard[type[pydantic.BaseModel]]:
    """Tell whether a type is a model of pydantic that is an object in JSON."""
    is_class = isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel)
    return is_class and not issubclass(annotation, pydantic.RootModel)


def annotation_of(field: FieldInfo) -> Any:
    """Give the type of a field as it is written."""
    metadata = [*field.metadata]
    if field.discriminator is not None:
        metadata.append(pydantic.Field(discriminator=field.discriminator))
    return Annotated[field.annotation, *metadata] if metadata else field.annotation


def names_on_the_wire(model: type[Any], name: str, field: FieldInfo) -> list[str]:
    """Give the names that a member may be sent by, the first of them as it is documented."""
    config = getattr(model, "model_config", {})  # a dataclass has none
    names = [path[0] for path in _paths(field) if isinstance(path[0], str)]
    by_name = config.get("validate_by_name") or config.get("populate_by_name")
    if not names or by_name:
        names.append(name)
    return [*dict.fromkeys(names)]


def holds_many(name: str, field: FieldInfo) -> bool:
    """Tell whether a member is one of the values that a name has, as an `AliasPath` says."""
    return any(path[0] == name and len(path) > 1 for path in _paths(field))


def _paths(field: FieldInfo) -> list[list[str | int | None]]:
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, pydantic.AliasChoices) else [alias]
    return [[*each.path] if isinstance(each, pydantic.AliasPath) else [each] for each in choices]
