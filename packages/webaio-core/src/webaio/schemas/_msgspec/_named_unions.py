"""Unions of models that have a name: `type Pet = Cat | Dog`."""

from collections.abc import Collection
from typing import Any

from msgspec import Struct, inspect

from .._annotation import is_named_union, pieces_of
from ._types import annotation_of, members_of


class NamedUnion(Struct, frozen=True):
    """A name, what msgspec says of it, and its members."""

    alias: Any
    info: inspect.UnionType
    members: frozenset[Any]


def named_unions_in(annotation: Any) -> list[NamedUnion]:
    """Find those in a type, the largest first; of two with the same members the first."""
    found: dict[frozenset[Any], NamedUnion] = {}
    for each in filter(is_named_union, pieces_of(annotation)):
        info = inspect.type_info(each)
        if isinstance(info, inspect.UnionType):
            members = _members(info)
            found.setdefault(members, NamedUnion(each, info, members))
    return sorted(found.values(), key=lambda each: -len(each.members))


def named_union_of(
    info: inspect.UnionType, unions: Collection[NamedUnion], inside: NamedUnion | None
) -> tuple[NamedUnion, list[inspect.Type]] | None:
    """Give the name for members of a union, and the other members; `inside` is being described.

    None where a tag tells the others from them, too: then they are told together.
    """
    members = {annotation_of(bare): said for bare, said in members_of(info)}
    for each in unions:
        if each is inside or not each.members <= members.keys():
            continue
        others = [said for annotation, said in members.items() if annotation not in each.members]
        if all(getattr(other, "tag", None) is None for other in others):
            return each, others
    return None


def _members(info: inspect.UnionType) -> frozenset[Any]:
    return frozenset(annotation_of(bare) for bare, _ in members_of(info))
