import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, singledispatch
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from webaio.exceptions import Fault, ValidationError, pointer

from ._fault import below
from ._words import INVALID, refusals_of

Model = TypeVar("Model")
Target = TypeVar("Target")
Enclosing = tuple[Any, ...]


class Whole(Protocol):
    """The model of a `Partial`, as its validation library knows it."""

    names: Mapping[str, str]
    """The names on the wire of its members, by their Python names."""

    is_tagged: bool
    """Whether a tag tells it from other models."""

    def is_model_of(self, target: Any) -> bool:
        """Tell whether the target is of the model itself."""

    def complete(self, members: dict[str, Any]) -> Any:
        """Make the model; raises `ValidationError` where a member is missing."""

    def check(self, made: Any, patch: "Partial[Any]") -> Any:
        """Give what was made by merging, as the model takes it; raises `ValidationError`."""


@dataclasses.dataclass(frozen=True)
class Partial(Generic[Model]):
    """Some members of a model, as PATCH sends them: what is absent is not null (RFC 7396).

    `body: Partial[ArtistIn]` takes any of the members of `ArtistIn`, each checked as there.
    `changes` holds those that were sent, by their Python names; a member that is a model is a
    `Partial` in it. `None` is in it only where the type takes it.

        async def partial_update(self, id: UUID, body: Partial[ArtistIn]) -> Artist:
            artist = body.apply(ARTISTS[id])
    """

    changes: Mapping[str, Any]
    whole: Whole | None = dataclasses.field(default=None, repr=False, compare=False)
    """The model; None in a `Partial` that is made by hand."""

    def apply(self, target: Target) -> Target:
        """Give a copy of the target with the changes in it; the target stays as it is.

        The target is a model, or a dict, that has the members: the model itself or, say, what is
        stored of it. Members that are models, and dicts, are merged; in a dict, null removes.
        Raises `ValidationError` (a 422) where what is made breaks the model, or the target's own
        validator.
        """
        return _applied(target, self)  # type: ignore[no-any-return]  # of the target's type


class Optionals:
    """Types to read a `Partial` through: for each model one in which every member may be absent."""

    def __init__(self) -> None:
        self._made: dict[Any, Any] = {}
        self._wholes: dict[type, Whole] = {}

    def of(
        self, model: Any, enclosing: Enclosing, make: Callable[[Enclosing], tuple[type, Whole]]
    ) -> Any:
        """Give the type for a model, made once; `enclosing` are the models that it stands in.

        A model inside itself stays as it is: a change there replaces the whole.
        """
        if model in enclosing:
            return model
        if model not in self._made:
            made, whole = make((*enclosing, model))
            self._made[model] = made
            self._wholes[made] = whole
        return self._made[model]

    def unwrap(self, value: Any, sent_in: Callable[[Any, Any], dict[str, Any]]) -> Any:
        """Put a `Partial` in place of each instance; `sent_in` gives what was sent of one."""
        if isinstance(value, dict):
            return {name: self.unwrap(each, sent_in) for name, each in value.items()}
        whole = self._wholes.get(type(value))
        if whole is None:
            return value
        sent = sent_in(value, whole)
        for name, each in sent.items():
            if isinstance(each, dict) or type(each) in self._wholes:
                sent[name] = self.unwrap(each, sent_in)
        return Partial(sent, whole)


def _applied(target: Any, patch: Partial[Any], *, is_inner: bool = False) -> Any:
    whole = patch.whole
    begins = is_inner and whole is not None and not _can_be_changed(target, whole)
    names = whole.names if whole else {}
    changes, faults = dict[str, Any](), list[Any]()
    for name, each in patch.changes.items():
        if _is_merged(each.__class__):
            old = None if begins else _member(target, name)
            each = _merged_below(names.get(name, name), old, each, faults)  # changed
        changes[name] = each
    if faults:
        raise ValidationError(errors=faults)
    if begins and whole is not None:
        return whole.complete(changes)
    return _changed(target, changes, patch)


@lru_cache(maxsize=256)
def _is_mapping(kind: type) -> bool:
    return issubclass(kind, Mapping)


@lru_cache(maxsize=256)
def _is_merged(kind: type) -> bool:
    """Tell a value that is merged with what is stored, and does not replace it."""
    return issubclass(kind, (Partial, Mapping))


def _merged_below(name: Any, old: Any, patch: Any, faults: list[Any]) -> Any:
    """Merge what stands under a name; the faults of it are added to others."""
    try:
        return _merged(old, patch)
    except ValidationError as error:
        faults += below(pointer(str(msgspec.to_builtins(name))), error)
        return None


def _can_be_changed(target: Any, whole: Whole) -> bool:
    """Tell whether a member holds the model, or what stands for it; another union member does not."""
    if whole.is_model_of(target):
        return True
    has_members = all(_has_member(target, name) for name in whole.names)
    return not whole.is_tagged and (isinstance(target, Mapping) or has_members)


def _changed(target: Any, changes: dict[str, Any], patch: Partial[Any]) -> Any:
    whole = patch.whole
    is_model = whole is not None and whole.is_model_of(target)
    is_open = is_model or _is_mapping(target.__class__)
    missing = () if is_open else [each for each in changes if not hasattr(target, each)]
    if missing:
        raise TypeError(
            f"{type(target).__name__} has no {', '.join(missing)} that could be changed"
        )
    try:
        if isinstance(target, msgspec.Struct):  # as most are: the rest takes long
            made: Any = msgspec.structs.replace(target, **changes)
        else:
            made = replace(target, changes)
    except ValidationError:
        raise
    except (ValueError, AssertionError) as error:  # of the target's own validator
        raise ValidationError(errors=refusals_of(error, changes, changes)) from error
    return whole.check(made, patch) if whole is not None and is_model else made


def faults_of_client(error: ValidationError, patch: Partial[Any]) -> ValidationError | None:
    """Give the faults that what was sent can have made: there, in it, or around it.

    What was stored before is not the client's fault.
    """
    sent = list(_pointers(patch))
    faults = [
        each
        for each in error.errors
        if any(f"{each.pointer}/".startswith(f"{one}/") for one in sent)
        or any(f"{one}/".startswith(f"{each.pointer}/") for one in sent)
    ]
    return ValidationError(errors=faults) if faults else None


def _pointers(patch: Any) -> Iterator[str]:
    """Give the place of each value that was sent, by its names on the wire."""
    if isinstance(patch, Partial):
        names = patch.whole.names if patch.whole else {}
        members = {names.get(name, name): each for name, each in patch.changes.items()}
    elif isinstance(patch, Mapping) and patch:
        members = dict(patch)
    else:
        yield ""
        return
    for name, each in members.items():
        for place in _pointers(each):
            yield pointer(str(msgspec.to_builtins(name))) + place


def _merged(target: Any, patch: Any) -> Any:
    if isinstance(patch, Partial):
        return _applied(target, patch, is_inner=True)
    if isinstance(patch, Mapping):
        return _merged_mapping(target if isinstance(target, Mapping) else {}, patch)
    return patch


def _merged_mapping(target: Mapping[Any, Any], patch: Mapping[Any, Any]) -> Any:
    changed = {name: each for name, each in target.items() if patch.get(name, ...) is not None}
    faults = list[Any]()
    for name, each in patch.items():
        if each is not None:
            changed[name] = _merged_below(name, target.get(name), each, faults)
    if faults:
        raise ValidationError(errors=faults)
    return changed


def _member(target: Any, name: str) -> Any:
    return target.get(name) if isinstance(target, Mapping) else getattr(target, name, None)


def _has_member(target: Any, name: str) -> bool:
    return name in target if isinstance(target, Mapping) else hasattr(target, name)


@singledispatch
def replace(target: Any, changes: dict[str, Any]) -> Any:
    """Copy a target with other values; a validation library registers its own models here.

    Raises `TypeError` for a target that is no model, and for a member that it makes by itself.
    """
    if hasattr(target, "__attrs_attrs__"):
        return _evolved(target, changes)
    given = {each.name for each in dataclasses.fields(target) if each.init}
    if others := changes.keys() - given:
        raise TypeError(f"{type(target).__name__} makes {', '.join(others)} by itself")
    return dataclasses.replace(target, **changes)


@replace.register(Mapping)
def _(target: Mapping[str, Any], changes: dict[str, Any]) -> Any:
    return {**target, **changes}


def _evolved(target: Any, changes: dict[str, Any]) -> Any:
    import attrs

    arguments = {each.name: each.alias for each in attrs.fields(type(target))}
    try:
        return attrs.evolve(target, **{arguments[name]: each for name, each in changes.items()})
    except (TypeError, ValueError) as error:  # its validators raise both, and quote the value
        raise ValidationError(errors=[Fault("", "value", INVALID)]) from error
