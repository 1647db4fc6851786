import types
from typing import Any

import msgspec
from msgspec import inspect

from ._annotation import union_of
from ._fault import Unsupported
from ._msgspec import MsgspecSchema, described
from ._msgspec_types import Objects, annotation_of, is_object
from ._partial import Partial, replace


class MsgspecPartialSchema(MsgspecSchema):
    """The `Schema` of `Partial[Model]`: read through a Struct in which every member may be absent."""

    def __init__(self, model: Any) -> None:
        info = described(model)
        if not is_object(info):
            raise Unsupported(f"Partial[...] takes a model that is an object, not {model!r}")
        self._begun: list[Any] = []
        self._models: dict[type, Objects] = {}
        super().__init__(self._optional(info))

    def decode(self, body: bytes) -> Any:
        """Read JSON to a `Partial`; raises `Malformed` and `Invalid` as the model's would."""
        return self._unwrap(super().decode(body))

    def _optional(self, info: Objects) -> Any:
        """Make the Struct; a model inside itself stays as it is, and is replaced as a whole."""
        if info.cls in self._begun:
            return info.cls
        self._begun.append(info.cls)
        struct = msgspec.defstruct(
            getattr(info.cls, "__name__", "Model"),
            [
                (f"member_{index}", self._absent_or(field.type), msgspec.UNSET)
                for index, field in enumerate(info.fields)
            ],
            rename={f"member_{index}": f.encode_name for index, f in enumerate(info.fields)},
            tag=getattr(info, "tag", None),
            tag_field=getattr(info, "tag_field", None),
            forbid_unknown_fields=getattr(info, "forbid_unknown_fields", False),
        )
        self._models[struct] = info
        return struct

    def _absent_or(self, info: inspect.Type) -> Any:
        return union_of([self._patch(info), msgspec.UnsetType])

    def _patch(self, info: inspect.Type) -> Any:
        """Give the type of a change: models in part, and null where it takes a name out of a dict."""
        if isinstance(info, inspect.Metadata):
            return self._patch(info.type)
        if isinstance(info, inspect.DictType):
            key, value = annotation_of(info.key_type), self._patch(info.value_type)
            return types.GenericAlias(dict, (key, union_of([value, None])))
        if isinstance(info, inspect.UnionType):
            return union_of(map(self._patch, info.types))
        return self._optional(info) if is_object(info) else annotation_of(info)

    def _unwrap(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._unwrap(each) for name, each in value.items()}
        info = self._models.get(type(value))
        if info is None:
            return value
        members = [getattr(value, f"member_{index}") for index, _ in enumerate(info.fields)]
        changes = {
            field.name: self._unwrap(each)
            for field, each in zip(info.fields, members, strict=True)
            if each is not msgspec.UNSET
        }
        return Partial(changes, info.cls)


@replace.register
def _(target: msgspec.Struct, changes: dict[str, Any]) -> Any:
    return msgspec.structs.replace(target, **changes)
