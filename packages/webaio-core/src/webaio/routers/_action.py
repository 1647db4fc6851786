import inspect
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from webaio.configuration import ImproperlyConfigured
from webaio.decorators import Operation, operation_of
from webaio.parameters import Contract, contract_of
from webaio.viewsets import BaseViewSet

_WITHOUT_BODY: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a viewset, read once: its function, and what is said of it.

    `contract` is None for an untyped action, which is a plain handler of a request.
    """

    viewset: type[BaseViewSet]
    name: str
    function: Callable[..., Any]
    takes_self: bool
    contract: Contract | None
    operation: Operation

    @property
    def where(self) -> str:
        """The action's place in a message."""
        return f"{self.viewset.__qualname__}.{self.name}"


def action_of(
    viewset: type[BaseViewSet], name: str, methods: Collection[str], variables: Collection[str]
) -> Action:
    """Read an action that answers `methods` at a URL with `variables` in it.

    Raises `ImproperlyConfigured` for a method that is not async, and for a signature that no
    request could serve.
    """
    where = f"{viewset.__qualname__}.{name}"
    static = inspect.getattr_static(viewset, name)
    function: Any = getattr(viewset, name)
    if not (inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)):
        raise ImproperlyConfigured(
            where, "the action is not an async function", f"Write `async def {name}`"
        )
    parameters = list(signature(function).parameters.values())
    is_bound = isinstance(static, (classmethod, staticmethod))
    takes_self = not is_bound and [each.name for each in parameters[:1]] == ["self"]
    contract = contract_of(
        function,
        parameters[1:] if takes_self else parameters,
        viewset=viewset,
        variables=variables,
        where=where,
    )
    action = Action(viewset, name, function, takes_self, contract, operation_of(static))
    _require_body_allowed(action, methods)
    _require_hooks(action)
    if takes_self:
        _require_plain_constructor(viewset)
    return action


def _require_body_allowed(action: Action, methods: Collection[str]) -> None:
    body = action.contract.body if action.contract else None
    refusing = [method for method in methods if method in _WITHOUT_BODY]
    if body is not None and refusing:
        raise ImproperlyConfigured(
            f"{action.where}, parameter {body.name!r}",
            f"it is the body, and {refusing[0]} has none (RFC 9110, 9.3.1)",
            "Mark it with Query, or give the action another method",
        )


def _require_hooks(action: Action) -> None:
    """Refuse hooks that could not run: skipped, a check of access would let everybody in."""
    for name in ("before", "after"):
        hook = getattr(action.viewset, name)
        if hook is getattr(BaseViewSet, name):
            continue
        where = f"{action.viewset.__qualname__}.{name}"
        if not inspect.iscoroutinefunction(hook):
            raise ImproperlyConfigured(where, "it is not async", f"Write `async def {name}`")
        if not action.takes_self:
            raise ImproperlyConfigured(
                where,
                f"it cannot run for {action.name!r}, which takes no self",
                f"Write `async def {action.name}(self, ...)`",
            )


def signature(function: Callable[..., Any]) -> inspect.Signature:
    """Read the parameters' names, and leave the annotations unread.

    From Python 3.14 annotations are evaluated when they are asked for, in the class's scope: there
    an action named `list` would make `-> list[Artist]` an error.
    """
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(function, annotation_format=Format.FORWARDREF)
    return inspect.signature(function)


def _require_plain_constructor(viewset: type[BaseViewSet]) -> None:
    """Refuse a viewset of which a request could not make an instance."""
    if inspect.isabstract(viewset):
        raise ImproperlyConfigured(
            viewset.__qualname__, "it is abstract", "Register a class that defines every method"
        )
    try:
        signature(viewset).bind()
    except ValueError:
        return  # a base in C that does not tell what it takes
    except TypeError as error:
        raise ImproperlyConfigured(
            f"{viewset.__qualname__}.__init__",
            f"it cannot be called without arguments ({error})",
            "An instance is made for each request: give each parameter a default",
        ) from error
