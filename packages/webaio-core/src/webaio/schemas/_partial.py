import dataclasses
from collections.abc import Callable, Mapping
from functools import singledispatch
from typing import Any, Generic, TypeVar

from ._fault import Fault, Invalid, pointer

Model = TypeVar("Model")
Target = TypeVar("Target")


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
    complete: Callable[..., Model] | None = dataclasses.field(
        default=None, repr=False, compare=False
    )
    """Makes the model of all its members, where there is nothing yet to change."""

    def apply(self, target: Target) -> Target:
        """Give a copy of the target with the changes in it; the target stays as it is.

        The target is a model, or a dict, that has the members: the model itself or, say, what is
        stored of it. Members that are models, and dicts, are merged; in a dict, null removes.
        Raises `Invalid` (a 422) where the model's own validator refuses the whole.
        """
        return _merged(target, self, ())  # type: ignore[no-any-return]  # of the target's type


def _merged(target: Any, patch: Any, path: tuple[str, ...]) -> Any:
    if isinstance(patch, Partial):
        changes = {
            name: _merged(_member(target, name), each, (*path, name))
            for name, each in patch.changes.items()
        }
        return _replaced(target, changes, patch.complete, path)
    if isinstance(patch, Mapping):
        return _merged_mapping(target if isinstance(target, Mapping) else {}, patch, path)
    return patch


def _merged_mapping(target: Mapping[Any, Any], patch: Mapping[Any, Any], path: Any) -> Any:
    kept = {name: each for name, each in target.items() if patch.get(name, ...) is not None}
    changed = {
        name: _merged(target.get(name), each, (*path, str(name)))
        for name, each in patch.items()
        if each is not None
    }
    return {**kept, **changed}


def _member(target: Any, name: str) -> Any:
    return target.get(name) if isinstance(target, Mapping) else getattr(target, name, None)


def _replaced(target: Any, changes: dict[str, Any], complete: Any, path: tuple[str, ...]) -> Any:
    try:
        return complete(**changes) if target is None else replace(target, changes)
    except Invalid as error:
        raise Invalid(
            Fault(pointer(*path) + each.pointer, each.code, each.detail) for each in error.faults
        ) from error
    except ValueError as error:
        raise Invalid([Fault(pointer(*path), "value", str(error))]) from error
    except TypeError as error:
        if target is not None:
            raise
        detail = "There is none yet: send every required member"
        raise Invalid([Fault(pointer(*path), "required", detail)]) from error


@singledispatch
def replace(target: Any, changes: dict[str, Any]) -> Any:
    """Copy a target with other values; a validation library registers its own models here."""
    if hasattr(target, "__attrs_attrs__"):
        import attrs

        return attrs.evolve(target, **changes)
    return dataclasses.replace(target, **changes)


@replace.register
def _(target: Mapping, changes: dict[str, Any]) -> Any:  # type: ignore[type-arg]
    return {**target, **changes}
