import inspect
import sys
from collections.abc import Callable, Collection
from typing import Any, Final

from msgspec import Struct

from webaio.decorators._operation import Operation, operation_of
from webaio.exceptions import ImproperlyConfigured
from webaio.parameters._contract import Contract, contract_of
from webaio.viewsets import BaseViewSet

_WITHOUT_BODY: Final = ("GET", "HEAD")
_WITHOUT_CONTENT: Final = (204, 205)
_VARIADIC: Final = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


class Place(Struct, frozen=True):
    """Where an action answers: the methods, the names in the URL, and the viewset's basename.

    `basename` has the router's namespace before it, `v1:artist`. `has_items` tells whether an item
    of the viewset has a URL.
    """

    basename: str
    methods: tuple[str, ...]
    variables: frozenset[str]
    has_items: bool


class Action(Struct, frozen=True):
    """One action of a viewset, read once: its function, its place, and what is said of it.

    `contract` is None for an untyped action, which is a plain handler of a request.
    """

    viewset: type[BaseViewSet]
    name: str
    place: Place
    function: Callable[..., Any]
    takes_self: bool
    contract: Contract | None
    operation: Operation

    @property
    def where(self) -> str:
        """The action's place in a message."""
        return f"{self.viewset.__qualname__}.{self.name}"

    @property
    def status(self) -> int:
        """The status of a result that is not None."""
        return self.operation.status or (201 if self.name == "create" else 200)

    @property
    def empty_status(self) -> int:
        """The status of a result that is None."""
        return self.operation.status or 204

    @property
    def lookup(self) -> str | None:
        """The member of a result that its `Location` is made of; None where it gets none."""
        is_new = self.name == "create" and self.status == 201 and self.place.has_items
        return self.viewset.lookup_url_kwarg if is_new else None


def action_of(viewset: type[BaseViewSet], name: str, place: Place) -> Action:
    """Read an action that answers at a place.

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
    is_bound = isinstance(static, (classmethod, staticmethod))
    own = static.__func__ if is_bound else function
    declared = _declared(own)
    parameters = list(signature(declared, follow_wrapped=False).parameters.values())
    takes_self = not is_bound and [each.name for each in parameters[:1]] == ["self"]
    rest = parameters[1:] if takes_self or isinstance(static, classmethod) else parameters
    owner = next(each for each in viewset.__mro__ if name in vars(each))
    contract = contract_of(
        declared,
        rest,
        viewset=viewset,
        owner=owner,
        variables=place.variables,
        where=where,
    )
    action = Action(viewset, name, place, function, takes_self, contract, operation_of(static))
    _require_body_allowed(action)
    _require_words(action)
    _require_hooks(action)
    if declared is not own:
        _require_call(action, rest)
    if takes_self:
        _require_plain_constructor(viewset)
        _require_attributes(viewset)
    return action


def _declared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give the function whose signature is the action's.

    A decorator that takes anything (`*args, **kwargs`) and keeps what it wraps passes it on.
    """
    while hasattr(function, "__wrapped__") and not hasattr(function, "__signature__"):
        own = signature(function, follow_wrapped=False).parameters.values()
        if not any(each.kind in _VARIADIC for each in own):
            return function
        function = function.__wrapped__
    return function


def _require_call(action: Action, parameters: Collection[inspect.Parameter]) -> None:
    """Refuse a decorator that cannot be called as the signature that it shows."""
    if action.contract is None:
        return
    read = {each.name for each in action.contract.parameters} | {action.contract.request}
    bound = [None] if action.takes_self else []
    names = {each.name: None for each in parameters if each.name in read}
    try:
        signature(action.function, follow_wrapped=False).bind(*bound, **names)
    except TypeError as error:
        raise ImproperlyConfigured(
            action.where,
            f"its decorator cannot be called with its parameters ({error})",
            "Let the decorator's function take `*args, **kwargs`, and pass them on",
        ) from error


def _require_words(action: Action) -> None:
    """Refuse the words of an operation that would do nothing, or break the answer."""
    words, contract = action.operation, action.contract
    if words.client_max_size is not None and (contract is None or contract.body is None):
        raise ImproperlyConfigured(
            action.where,
            "client_max_size= is given, and there is no body parameter that it could limit",
            "Declare the body, such as `body: ArtistIn`, or take the word out",
        )
    if words.status is not None and contract is None:
        raise ImproperlyConfigured(
            action.where,
            "status= is given, and the action makes its own response",
            "Take the word out, or let the action return a result",
        )
    if words.status in _WITHOUT_CONTENT and contract is not None and contract.result is not None:
        raise ImproperlyConfigured(
            action.where,
            f"status={words.status} has no content, and a result is declared",
            "Write `-> None`, or another status",
        )


def _require_attributes(viewset: type[BaseViewSet]) -> None:
    """Refuse a viewset on whose instances the request cannot be set."""
    parameters = getattr(viewset, "__dataclass_params__", None)
    for name in ("request", "action"):
        member = inspect.getattr_static(viewset, name, None)
        is_fixed = isinstance(member, property) and member.fset is None
        if is_fixed or getattr(parameters, "frozen", False):
            raise ImproperlyConfigured(
                f"{viewset.__qualname__}.{name}",
                "it cannot be set on an instance",
                "Let the class be neither frozen nor define it",
            )


def _require_body_allowed(action: Action) -> None:
    body = action.contract.body if action.contract else None
    refusing = [method for method in action.place.methods if method in _WITHOUT_BODY]
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


def signature(function: Callable[..., Any], *, follow_wrapped: bool = True) -> inspect.Signature:
    """Read the parameters' names, and leave the annotations unread.

    From Python 3.14 annotations are evaluated when they are asked for, in the class's scope: there
    an action named `list` would make `-> list[Artist]` an error.
    """
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(
            function, follow_wrapped=follow_wrapped, annotation_format=Format.FORWARDREF
        )
    return inspect.signature(function, follow_wrapped=follow_wrapped)


def _require_plain_constructor(viewset: type[BaseViewSet]) -> None:
    """Refuse a viewset of which a request could not make an instance."""
    if inspect.isabstract(viewset):
        raise ImproperlyConfigured(
            viewset.__qualname__, "it is abstract", "Register a class that defines every method"
        )
    if (type(viewset), viewset.__new__, viewset.__init__) == (
        type,
        object.__new__,
        object.__init__,
    ):
        return  # as nearly all are: the rest takes long
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
