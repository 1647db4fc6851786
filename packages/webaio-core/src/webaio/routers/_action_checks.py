"""Refusing, at registration, what no request could be served with."""

import inspect
from collections.abc import Collection
from typing import Final

from webaio.decorators._callable import name_of, require_callable, signature
from webaio.decorators._operation import added_by
from webaio.exceptions import ImproperlyConfigured
from webaio.parameters import Form, Parameter
from webaio.parameters._path import Path
from webaio.parameters._signature import UNMARKED
from webaio.viewsets import BaseViewSet

from ._action import Action
from ._url_table import OF_INSTANCES

_HOOKS: Final = ("before", "after")
_WITHOUT_BODY: Final = ("GET", "HEAD")
_WITHOUT_CONTENT: Final = (204, 205)


def require_servable(action: Action) -> None:
    """Refuse an action that could not be served as it is written, or whose words would do nothing."""
    _require_bodies(action)
    _require_words(action)
    _require_media_types(action)
    _require_self(action)
    _require_call(action)
    if action.takes_self:
        _require_plain_constructor(action.viewset)
        _require_attributes(action)


def _require_call(action: Action) -> None:
    if not action.is_handler and hasattr(action.signature.function, "__wrapped__"):
        taken, is_bound = action.signature, not action.takes_self
        require_callable(taken.function, taken.names, action.where, is_bound=is_bound)


def _require_bodies(action: Action) -> None:
    bodies = action.bodies

    def name(parameter: Parameter) -> str:
        return parameter.where.removeprefix(f"{action.where}, parameter ")

    is_form = bool(bodies) and all(isinstance(each.source, Form) for each in bodies)
    if len(bodies) > 1 and not is_form:
        raise ImproperlyConfigured(
            action.where,
            f"it takes two bodies, {' and '.join(map(name, bodies))}",
            "Make one model of them, or mark one with Query, Header or Cookie",
        )
    refusing = [method for method in action.methods if method in _WITHOUT_BODY]
    if bodies and refusing:
        raise ImproperlyConfigured(
            bodies[0].where,
            f"it is the body, and {refusing[0]} has none (RFC 9110, 9.3.1)",
            "Mark it with Query, or give the action another method",
        )


def require_variables(action: Action, of_prefix: Collection[str]) -> None:
    """Refuse an action that leaves a variable of its URL to nobody; those of a prefix are of others.

    Those of parents are read where they are asked for.

    With `self` it may read the variable by itself: then a parameter that is asked for in the query
    must not be named like a key, as the one that was meant.
    """
    read = {each.name for each in action.inputs.parameters if isinstance(each.source, Path)}
    if action.hooks or action.takes_request:
        return
    asked = [
        each.name
        for each in action.signature.parameters
        if each.source is UNMARKED and each.is_required
    ]
    lookup = action.viewset.lookup_url_kwarg
    unread = sorted(action.variables - read - set(of_prefix))
    if action.takes_self:
        asked = [each for each in asked if _is_key(each, action)]
        unread = [each for each in unread if each == lookup and asked]
    for name in unread:
        other = f", and {asked[0]!r} is asked for in the query" if asked else ""
        raise ImproperlyConfigured(
            action.where,
            f"its URL has {name!r}, which nobody reads{other}",
            f"Give it a parameter of that name, such as `{name}: str`"
            + (f", or mark `{asked[0]}: Annotated[..., Query]`" if asked else ""),
        )


def require_item(action: Action, of_prefix: Collection[str]) -> None:
    """Refuse a variable of a prefix that would be taken for the item: another one would be asked."""
    name = action.viewset.lookup_url_kwarg
    if action.asks_for_item and name in of_prefix:
        raise ImproperlyConfigured(
            action.where,
            f"the router's prefix has {name!r}, and that is the item's name",
            f"Give it another name, such as prefix='/{{tenant_{name}}}'",
        )


def _is_key(name: str, action: Action) -> bool:
    keys = ("id", "key", "pk", "slug", "uuid", action.viewset.lookup_field)
    return name in keys or name.endswith(("_id", "_pk"))


def _require_words(action: Action) -> None:
    """Refuse the words of an operation that would do nothing, or break the answer."""
    words, results = action.operation, action.results
    is_limited = action.bodies or action.takes_request or action.socket is not None
    if words.client_max_size is not None and not is_limited:
        raise ImproperlyConfigured(
            action.where,
            "client_max_size= is given, and there is no body parameter that it could limit",
            "Declare the body, such as `body: ArtistIn`, or take the request",
        )
    if words.status is not None and action.is_handler and not words.produces:
        raise ImproperlyConfigured(
            action.where,
            "status= is given, and the action makes its own response",
            "Take the word out, or let the action return a result",
        )
    if words.status is not None and not results.has_status_of_action:
        raise ImproperlyConfigured(
            action.where,
            f"status={words.status} is given, and each of its results has a status of its own",
            "Take the word out, or declare a result of another class",
        )
    for status in results.statuses_with_content:
        if status in _WITHOUT_CONTENT:
            raise ImproperlyConfigured(
                action.where,
                f"status={status} has no content, and a result is declared",
                "Write `-> None` or `Answer[None]`, or another status",
            )
    if words.headers and not results.answers:
        raise ImproperlyConfigured(
            action.where,
            "headers= are given, and no result that could have them",
            "Write such as `-> Answer[Artist]`, and return one",
        )


def _require_media_types(action: Action) -> None:
    """Refuse media types of a body that is typed, or of a result that is written as JSON."""
    words = action.operation
    if words.consumes and action.bodies:
        is_form = isinstance(action.bodies[0].source, Form)
        raise ImproperlyConfigured(
            action.bodies[0].where,
            f"it is read as {'a form' if is_form else 'JSON'}, and consumes= says another media type",
            "Take the word out, or let the action take the request",
        )
    if words.consumes and any(each in _WITHOUT_BODY for each in action.methods):
        raise ImproperlyConfigured(
            action.where,
            "consumes= is given, and GET and HEAD have no body (RFC 9110, 9.3.1)",
            "Take the word out, or give the action another method",
        )
    if words.produces and not action.results.takes_media_types:
        raise ImproperlyConfigured(
            action.where,
            "produces= is given, and its result has a media type of its own",
            "Take the word out, or write `-> web.Response`, or `-> AsyncIterator[bytes]`",
        )


def _require_attributes(action: Action) -> None:
    """Refuse a viewset on whose instances the request cannot be set, or what functions give."""
    viewset = action.viewset
    for name in action.attributes.dependencies:
        if name in OF_INSTANCES or hasattr(BaseViewSet, name):
            raise ImproperlyConfigured(
                f"{viewset.__qualname__}.{name}",
                "a function gives it, and every viewset has one of that name",
                "Give it another name",
            )
    parameters = getattr(viewset, "__dataclass_params__", None)
    for name in (*OF_INSTANCES, *action.attributes.dependencies):
        member = next((vars(each)[name] for each in viewset.__mro__ if name in vars(each)), None)
        is_fixed = isinstance(member, property) and member.fset is None
        if is_fixed or getattr(parameters, "frozen", False):
            raise ImproperlyConfigured(
                f"{viewset.__qualname__}.{name}",
                "it cannot be set on an instance",
                "Let the class be neither frozen nor define it as a property",
            )


def _require_self(action: Action) -> None:
    """Refuse hooks and attributes that an action would skip: a check of access lets everybody in."""
    viewset = action.viewset
    for hook in action.hooks:
        added_by(hook, name_of(hook), "errors", "security")
    hooks = [each for each in _HOOKS if getattr(viewset, each) is not getattr(BaseViewSet, each)]
    for name in hooks:
        if not inspect.iscoroutinefunction(getattr(viewset, name)):
            where = f"{viewset.__qualname__}.{name}"
            raise ImproperlyConfigured(where, "it is not async", f"Write `async def {name}`")
    needed = dict.fromkeys(hooks, "it cannot run")
    needed |= dict.fromkeys(action.attributes.dependencies, "it cannot be set")
    for name, what in needed.items():
        if not action.takes_self:
            raise ImproperlyConfigured(
                f"{viewset.__qualname__}.{name}",
                f"{what} for {action.name!r}, which takes no self",
                f"Write `async def {action.name}(self, ...)`",
            )


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
