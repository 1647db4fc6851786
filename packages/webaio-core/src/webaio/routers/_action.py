import inspect
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from webaio.conditions._idempotent import Idempotent
from webaio.decorators._callable import Function
from webaio.decorators._operation import Operation
from webaio.decorators._words import Middleware
from webaio.parameters import Inputs, Parameter
from webaio.parameters._dependencies import dependencies_of
from webaio.parameters._signature import Signature, parameters_of
from webaio.permissions._guard import Guard
from webaio.results._results import Results
from webaio.sockets._source import is_socket
from webaio.viewsets import BaseViewSet

from ._loader import LOADER
from ._parent import Parent, asked_parents

_CREATED: Final = 201


class Action(Struct, frozen=True):
    """One action of a viewset, read once: its URL, what it takes and gives.

    `basename` has the router's namespace before it, `v1:artist`. `variables` are the names in the
    URL. `signature` is of its function, and `attributes` of the instance that it runs on;
    `dependencies` are all functions on which one of both depends, with what is called for each.
    `is_handler` tells an untyped action, which is a plain handler of a request. `has_item` tells that
    the URL is that of one item, or goes on from it. `parent` is the resource below whose items the
    collection stands; `beside` segments of that are not in the URLs of its items, None where
    these have no key.
    """

    viewset: type[BaseViewSet]
    name: str
    basename: str
    methods: tuple[str, ...]
    variables: frozenset[str]
    signature: Signature
    takes_self: bool
    is_handler: bool
    attributes: Signature
    has_item: bool
    beside: int | None
    parent: Parent | None
    operation: Operation
    middlewares: tuple[Middleware, ...]
    guard: Guard | None
    idempotent: Idempotent | None
    results: Results
    dependencies: Mapping[Function, Signature] = {}
    overrides: Mapping[Function, Function] = {}

    @property
    def where(self) -> str:
        """The action's place in a message."""
        return f"{self.viewset.__qualname__}.{self.name}"

    @property
    def may_create(self) -> bool:
        """Whether it makes the item of its URL where there is none: a PUT that declares a 201."""
        results = [self.results, *(carried for _, carried in self.results.answers)]
        return self.name == "update" and any(each.status == _CREATED for each in results)

    @property
    def is_generator(self) -> bool:
        """Whether its function gives its result item by item."""
        return inspect.isasyncgenfunction(self.signature.function)

    @property
    def is_plain(self) -> bool:
        """Whether it is nothing but a handler, with nothing around it."""
        around = (self.guard, self.parent, self.idempotent)
        return self.is_handler and not self.takes_self and around == (None, None, None)

    @property
    def asks_for_item(self) -> bool:
        """Whether the item of its URL is loaded, and asked for, before it runs."""
        is_declared = self.guard is not None and self.guard.permission is not None
        return is_declared and self.has_item and hasattr(self.viewset, LOADER)

    @property
    def parents(self) -> list[Parent]:
        """The resources whose items are asked for before its own, the first first."""
        return asked_parents(self.viewset, self.parent, self.variables)

    @property
    def is_private(self) -> bool:
        """Whether its answers are for who asks, and no shared cache may keep them."""
        return self.guard is not None and bool(self.guard.authentication)

    @property
    def inputs(self) -> Inputs:
        """All that is read from a request."""
        signatures = [self.signature, *self.dependencies.values()]
        above = [
            each
            for parent in self.parents
            for each in parent.loader.values()
            if each.name in self.variables
        ]
        return Inputs((*above, *parameters_of(signatures)), self.operation.client_max_size)

    @property
    def bodies(self) -> list[Parameter]:
        """The parameters that are read from the body."""
        return [each for each in self.inputs.parameters if each.source.location == "body"]

    @property
    def socket(self) -> Parameter | None:
        """The parameter over which it talks, where it answers with a WebSocket."""
        return next(filter(is_socket, self.signature.parameters), None)

    @property
    def takes_request(self) -> bool:
        """Whether the action, or a function that it depends on, is given the request."""
        takers = [self.signature, *self.dependencies.values()]
        return any(each.request is not None for each in takers)

    @property
    def hooks(self) -> list[Function]:
        """The hooks that the viewset defines, and that run for the action."""
        names = ("before", "after") if self.takes_self else ()
        own = [(getattr(self.viewset, each), getattr(BaseViewSet, each)) for each in names]
        return [hook for hook, base in own if hook is not base]

    def with_dependencies(self, overrides: Mapping[Function, Function]) -> "Action":
        """Give it with its dependencies; `overrides` are called in place of other functions.

        Raises `ImproperlyConfigured` for functions on which nothing can depend.
        """
        above = [each.attributes for each in self.parents]
        takers = [*above, self.attributes, self.signature]
        found = dependencies_of(takers, self.variables, overrides)
        return msgspec.structs.replace(self, dependencies=found, overrides=overrides)
