"""The fields of pydantic's models."""

from typing import Annotated, Any

import pydantic
from pydantic.fields import FieldInfo


def annotation_of(field: FieldInfo) -> Any:
    """Give the type of a field as it is written."""
    metadata = [*field.metadata]
    if field.discriminator is not None:
        metadata.append(pydantic.Field(discriminator=field.discriminator))
    return Annotated[field.annotation, *metadata] if metadata else field.annotation


def names_on_the_wire(model: type[pydantic.BaseModel], name: str, field: FieldInfo) -> list[str]:
    """Give the names that a member may be sent by, the first of them as it is documented."""
    config = model.model_config
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
