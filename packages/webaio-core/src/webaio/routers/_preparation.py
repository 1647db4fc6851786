"""The instances of a request: their attributes, and their hook `before`."""

from __future__ import annotations  # of functions that are made for each action

from collections.abc import Awaitable, Callable, Iterator, Mapping

from webaio.decorators._callable import Function
from webaio.parameters._binding import scoped_binding_of
from webaio.parameters._dependencies import needed_by
from webaio.parameters._scope import Scope
from webaio.parameters._signature import Signature
from webaio.parameters._source import Inputs
from webaio.viewsets import BaseViewSet

from ._action import Action

Prepare = Callable[[BaseViewSet, Scope | None], Awaitable[None]]
"""Sets the attributes of an instance, and runs its hook."""


def preparations_of(action: Action) -> Iterator[Prepare | None]:
    """Make what sets the attributes of instances and runs their hooks: of the parents, and its own.

    A function that gives something to several of them is called once.
    """
    given: set[Function] = set()
    takers = [(each.viewset, each.attributes) for each in action.parents]
    if action.takes_self:
        takers.append((action.viewset, action.attributes))
    for viewset, attributes in takers:
        needed = _needed(action, attributes)
        yield _preparation(
            viewset,
            attributes,
            {each: signature for each, signature in needed.items() if each not in given},
            action.inputs,
        )
        given.update(needed)
    if not action.takes_self:
        yield None


def given_to_instances(action: Action) -> set[Function]:
    """Give the functions that are called before the action's own parameters are read."""
    takers = [*(each.attributes for each in action.parents), action.attributes]
    return {function for each in takers for function in _needed(action, each)}


def _needed(action: Action, taker: Signature) -> Mapping[Function, Signature]:
    return needed_by(taker, action.dependencies)


def _preparation(
    viewset: type[BaseViewSet],
    taken: Signature,
    calls: Mapping[Function, Signature],
    inputs: Inputs,
) -> Prepare | None:
    """Make what sets the attributes of an instance and runs its hook; None where it has neither."""
    has_before = viewset.before is not BaseViewSet.before
    attributes = scoped_binding_of(taken, calls, inputs) if taken.dependencies else None
    if not (has_before or attributes):
        return None
    where = f"{viewset.__qualname__}.before"

    async def prepare(instance: BaseViewSet, scope: Scope | None) -> None:
        if attributes is not None and scope is not None:
            for name, value in (await attributes(instance.request, scope)).items():
                setattr(instance, name, value)
        returned: object = await instance.before()  # type: ignore[func-returns-value]  # some do
        if returned is not None:  # such as a response, which was meant to refuse the request
            raise TypeError(f"{where}: it must raise to refuse a request, and not return")

    return prepare
