from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from webaio.decorators._callable import Function
from webaio.decorators._operation import Operation
from webaio.decorators._words import Middleware
from webaio.parameters import Parameter
from webaio.parameters._plan import Plan, plan_of
from webaio.permissions._guard import Guard
from webaio.results._kinds import Results
from webaio.viewsets import BaseViewSet


class Action(Struct, frozen=True):
    """One action of a viewset, read once: its function, its URL, what it takes and gives.

    `basename` has the router's namespace before it, `v1:artist`. `variables` are the names in the
    URL. `is_handler` tells an untyped action, which is a plain handler of a request.
    """

    viewset: type[BaseViewSet]
    name: str
    basename: str
    methods: tuple[str, ...]
    variables: frozenset[str]
    function: Callable[..., Any]
    takes_self: bool
    is_handler: bool
    operation: Operation
    middlewares: tuple[Middleware, ...]
    guard: Guard | None
    plan: Plan
    results: Results

    @property
    def where(self) -> str:
        """The action's place in a message."""
        return f"{self.viewset.__qualname__}.{self.name}"

    @property
    def asks_for_item(self) -> bool:
        """Whether the item of its URL is loaded, and asked for, before it runs."""
        has_item = self.viewset.lookup_url_kwarg in self.variables
        is_declared = self.guard is not None and self.guard.permission is not None
        return is_declared and has_item and hasattr(self.viewset, "get_object")

    @property
    def bodies(self) -> list[Parameter]:
        """The parameters that are read from the body."""
        return [each for each in self.plan.inputs.parameters if each.source.location == "body"]

    @property
    def takes_request(self) -> bool:
        """Whether the action, or a function that it depends on, is given the request."""
        takers = [self.plan.signature, *(each.signature for each in self.plan.dependencies)]
        return any(each.request is not None for each in takers)

    @property
    def hooks(self) -> list[Function]:
        """The hooks that the viewset defines, and that run for the action."""
        names = ("before", "after") if self.takes_self else ()
        own = [(getattr(self.viewset, each), getattr(BaseViewSet, each)) for each in names]
        return [hook for hook, base in own if hook is not base]

    def plan_with(self, overrides: Mapping[Function, Function]) -> Plan:
        """Plan anew how it gets what it takes; `overrides` are called in place of other functions."""
        return plan_of(
            self.plan.signature,
            self.plan.attributes,
            self.variables,
            client_max_size=self.operation.client_max_size,
            overrides=overrides,
        )
