import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import inspect

from webaio.exceptions import ParseError, ValidationError

from .._annotation import union_of
from .._fault import Unsupported
from .._partial import Enclosing, Optionals, Partial, faults_of_client
from ._schema import MsgspecSchema, described
from ._types import Objects, annotation_of, is_object


class MsgspecPartialSchema(MsgspecSchema):
    """The `Schema` of `Partial[Model]`: read through a Struct in which every member may be absent."""

    def __init__(self, model: Any) -> None:
        info = described(model)
        if not is_object(info):
            raise Unsupported(f"Partial[...] takes a model that is an object, not {model!r}")
        self._optionals = Optionals()
        super().__init__(self._optional(info, ()))

    def decode(self, body: bytes) -> Any:
        """Read JSON to a `Partial`; raises what the model's own schema would."""
        return self._optionals.unwrap(super().decode(body), _sent_in)

    def _optional(self, info: Objects, enclosing: Enclosing) -> Any:
        return self._optionals.of(info.cls, enclosing, functools.partial(self._made, info))

    def _made(self, info: Objects, enclosing: Enclosing) -> tuple[type, "MsgspecWhole"]:
        whole = MsgspecWhole(info)
        struct = msgspec.defstruct(
            f"Partial{whole.name}",
            [
                (f"member_{index}", self._absent_or(field.type, enclosing), msgspec.UNSET)
                for index, field in enumerate(whole.fields)
            ],
            rename={f"member_{index}": f.encode_name for index, f in enumerate(whole.fields)},
            module=whole.module,
            namespace={"__doc__": f"Some members of {whole.name}: what is absent stays as it is."},
            tag=getattr(info, "tag", None),
            tag_field=getattr(info, "tag_field", None),
            forbid_unknown_fields=getattr(info, "forbid_unknown_fields", False),
        )
        return struct, whole

    def _absent_or(self, info: inspect.Type, enclosing: Enclosing) -> Any:
        return union_of([self._patch(info, enclosing), msgspec.UnsetType])

    def _patch(self, info: inspect.Type, enclosing: Enclosing) -> Any:
        """Give the type of a change: models in part, and null where it takes a name out of a dict."""
        if isinstance(info, inspect.Metadata):
            meta = msgspec.Meta(extra_json_schema=info.extra_json_schema)
            return Annotated[self._patch(info.type, enclosing), meta]
        if isinstance(info, inspect.DictType):
            key, value = annotation_of(info.key_type), self._patch(info.value_type, enclosing)
            return types.GenericAlias(dict, (key, union_of([value, None])))
        if isinstance(info, inspect.UnionType):
            return union_of(self._patch(each, enclosing) for each in info.types)
        return self._optional(info, enclosing) if is_object(info) else annotation_of(info)


def _sent_in(value: Any, whole: "MsgspecWhole") -> dict[str, Any]:
    unset = msgspec.UNSET
    return {
        name: each
        for name, member in whole.members
        if (each := getattr(value, member)) is not unset
    }


class MsgspecWhole:
    """The model of a `Partial`, for msgspec."""

    def __init__(self, info: Objects) -> None:
        self.fields = [each for each in info.fields if each.name not in _not_given(info.cls)]
        self.members = [(each.name, f"member_{index}") for index, each in enumerate(self.fields)]
        """The Python names, each with that of the member of the Struct that it is read through."""
        self.names: Mapping[str, str] = {each.name: each.encode_name for each in self.fields}
        tag = getattr(info, "tag", None)
        self._tags = {} if tag is None else {getattr(info, "tag_field", ""): tag}
        self.is_tagged = bool(self._tags)
        cls = typing.get_origin(info.cls) or info.cls
        self._class: type = Mapping if typing.is_typeddict(cls) else cls
        self.name: str = cls.__name__
        self.module: str = cls.__module__
        self._schema = MsgspecSchema(info.cls)

    def is_model_of(self, target: Any) -> bool:
        """Tell whether the target is of the model itself."""
        return isinstance(target, self._class)

    def complete(self, members: dict[str, Any]) -> Any:
        """Make the model; raises `ValidationError` where a member is missing."""
        written = {self.names[name]: each for name, each in members.items()}
        return self._schema.make({**self._tags, **written})

    def check(self, made: Any, patch: Partial[Any]) -> Any:
        """Give what was made by merging; raises `ValidationError` where the model refuses it.

        Only the model's own members are looked at, and none where one of them is no JSON.
        """
        get = made.get if isinstance(made, Mapping) else functools.partial(getattr, made)
        present = {name: get(name, msgspec.UNSET) for name in self.names}
        own = {name: each for name, each in present.items() if each is not msgspec.UNSET}
        try:
            self.complete(own)
        except ValidationError as error:
            if faults := faults_of_client(error, patch):
                raise faults from None
        except (ParseError, TypeError):
            pass
        return made


def _not_given(model: Any) -> set[str]:
    """Name the fields of a dataclass that its constructor does not take."""
    if not dataclasses.is_dataclass(model):
        return set()
    return {each.name for each in dataclasses.fields(model) if not each.init}
