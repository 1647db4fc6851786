from collections.abc import Collection, Mapping
from typing import Final

from msgspec import Struct

from webaio.decorators._callable import Function

from ._dependencies import Dependency, dependencies_of
from ._depends import Depends
from ._signature import Signature, parameters_of
from ._source import Inputs

NO_OVERRIDES: Final[Mapping[Function, Function]] = {}


class Plan(Struct, frozen=True):
    """In what order an action gets what it takes.

    `first` gives what the attributes of the viewset need, and runs before its hook; `then` gives the
    rest that the action itself needs. `inputs` is all that is read from a request.
    """

    attributes: Mapping[str, Depends]
    first: tuple[Dependency, ...]
    signature: Signature
    then: tuple[Dependency, ...]
    inputs: Inputs
    overrides: Mapping[Function, Function]

    @property
    def dependencies(self) -> tuple[Dependency, ...]:
        """All functions on which the action depends."""
        return self.first + self.then


def plan_of(
    signature: Signature,
    attributes: Mapping[str, Depends],
    variables: Collection[str],
    *,
    client_max_size: int | None = None,
    overrides: Mapping[Function, Function] = NO_OVERRIDES,
) -> Plan:
    """Plan an action; raises `ImproperlyConfigured` for functions on which nothing can depend.

    `overrides` are called in place of others, and `variables` are the names in the URL.
    """
    first = dependencies_of(Signature(None, (), attributes), variables, overrides)
    known = {each.function for each in first}
    every = dependencies_of(signature, variables, overrides)
    then = tuple(each for each in every if each.function not in known)
    signatures = [signature, *(each.signature for each in (*first, *then))]
    inputs = Inputs(tuple(parameters_of(signatures)), client_max_size)
    return Plan(attributes, first, signature, then, inputs, overrides)
