import inspect
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from webaio.decorators._callable import Function
from webaio.decorators._operation import Operation
from webaio.decorators._words import Middleware
from webaio.parameters import Inputs, Parameter
from webaio.parameters._dependencies import dependencies_of
from webaio.parameters._signature import Signature, parameters_of
from webaio.permissions._guard import Guard
from webaio.results._results import Results
from webaio.viewsets import BaseViewSet

_CREATED: Final = 201


class Action(Struct, frozen=True):
    """One action of a viewset, read once: its URL, what it takes and gives.

    `basename` has the router's namespace before it, `v1:artist`. `variables` are the names in the
    URL. `signature` is of its function, and `attributes` of the instance that it runs on;
    `dependencies` are all functions on which one of both depends, with what is called for each.
    `is_handler` tells an untyped action, which is a plain handler of a request.
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
    operation: Operation
    middlewares: tuple[Middleware, ...]
    guard: Guard | None
    results: Results
    dependencies: Mapping[Function, Signature] = {}
    overrides: Mapping[Function, Function] = {}

    @property
    def where(self) -> str:
        """The action's place in a message."""
        return f"{self.viewset.__qualname__}.{self.name}"

    @property
    def has_item(self) -> bool:
        """Whether its URL is that of one item, or goes on from it."""
        return self.viewset.lookup_url_kwarg in self.variables

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
    def asks_for_item(self) -> bool:
        """Whether the item of its URL is loaded, and asked for, before it runs."""
        is_declared = self.guard is not None and self.guard.permission is not None
        return is_declared and self.has_item and hasattr(self.viewset, "get_object")

    @property
    def is_private(self) -> bool:
        """Whether its answers are for who asks, and no shared cache may keep them."""
        return self.guard is not None and bool(self.guard.authentication)

    @property
    def inputs(self) -> Inputs:
        """All that is read from a request."""
        signatures = [self.signature, *self.dependencies.values()]
        return Inputs(tuple(parameters_of(signatures)), self.operation.client_max_size)

    @property
    def bodies(self) -> list[Parameter]:
        """The parameters that are read from the body."""
        return [each for each in self.inputs.parameters if each.source.location == "body"]

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
        takers = [self.attributes, self.signature]
        found = dependencies_of(takers, self.variables, overrides)
        return msgspec.structs.replace(self, dependencies=found, overrides=overrides)
