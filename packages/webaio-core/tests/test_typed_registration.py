"""Signatures that no request could serve are refused when the viewset is registered."""

# mypy: disable-error-code="no-untyped-def"

import dataclasses
import datetime
import functools
import re
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar

import msgspec
import pydantic
import pytest
from aiohttp import web
from msgspec import Meta

from webaio.decorators import action, operation
from webaio.exceptions import ImproperlyConfigured
from webaio.parameters import Body, Cookie, Header, Query
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet

if TYPE_CHECKING:
    from decimal import Decimal

    from aiohttp.web import Request, Response

In = TypeVar("In")


class ArtistIn(msgspec.Struct):
    name: str


class Nested(msgspec.Struct):
    artist: ArtistIn


class Custom:
    pass


def short_of_parameters(function: Any) -> Any:
    @functools.wraps(function)
    async def wrapper(self: Any, request: web.Request, *args: Any, **kwargs: Any) -> Any: ...

    return wrapper


def only_positional(function: Any) -> Any:
    @functools.wraps(function)
    async def wrapper(*args: Any) -> Any: ...

    return wrapper


class Lists(msgspec.Struct):
    tags: list[str]


class Broken(BaseViewSet):
    """Each action is refused, by itself."""

    async def no_type_beside(self, request, x): ...
    async def unknown_type(self, x: Custom): ...
    async def unknown_result(self) -> Custom:
        return Custom()

    async def two_bodies(self, body: ArtistIn, other: Nested): ...
    async def variadic(self, id: int, *rest: int): ...
    async def keywords(self, id: int, **rest: int): ...
    async def positional(self, id: int, /): ...
    async def marker_as_default(self, x: int = Query("x")): ...  # type: ignore[assignment]
    async def marker_class_as_default(self, x: int = Header): ...  # type: ignore[assignment]
    async def two_marks(self, x: Annotated[int, Query, Header]): ...
    async def mark_in_path(self, id: Annotated[int, Query]): ...
    async def list_in_path(self, id: list[int]): ...
    async def model_in_path(self, id: ArtistIn): ...
    async def list_in_header(self, x: Annotated[list[int], Header]): ...
    async def nested_in_cookies(self, x: Annotated[Nested, Cookie]): ...
    async def list_in_headers(self, x: Annotated[Lists, Header]): ...
    async def dict_in_query(self, x: dict[str, int]): ...
    async def nested_in_query(self, x: Annotated[Nested, Query]): ...
    async def true_in_query(self, x: Annotated[Literal[True], pydantic.Field(title="x")]): ...
    async def number_in_query(self, x: Annotated[Literal[1, 2], pydantic.Field(title="x")]): ...
    async def true(self, x: Literal[True]): ...
    async def bad_default(self, x: int = None): ...  # type: ignore[assignment]  # noqa: RUF013
    async def bad_constraint(self, x: Annotated[int, Meta(ge=1)] = 0): ...
    async def bad_pydantic_default(self, x: Annotated[int, pydantic.Field(ge=1)] = 0): ...
    async def undefined(self, x: "Undefined"): ...  # type: ignore[name-defined]  # noqa: F821
    async def only_for_checkers(self, x: "Decimal"): ...
    async def undefined_result(self) -> "Undefined":  # type: ignore[name-defined]  # noqa: F821
        ...

    async def open_type(self, x: In): ...
    async def open_list(self, x: list[In]): ...
    async def request_of_another_type(self, request: ArtistIn): ...
    async def partial_of_a_scalar(self, body: Partial[int]): ...
    async def partial_in_a_list(self, body: list[Partial[ArtistIn]]): ...
    async def partial_alone(self, body: Partial): ...  # type: ignore[type-arg]
    async def stream_of_what(self):
        yield 1

    async def stream_of_custom(self) -> AsyncIterator[Custom]:
        yield Custom()

    async def marked_inside(self, x: Annotated[str, Header] | None = None): ...
    async def marked_in_a_list(self, x: list[Annotated[str, Query("q")]]): ...
    async def named_model(self, x: Annotated[ArtistIn, Query("q")]): ...
    async def text_for_a_date(self, x: datetime.date = "2026-01-01"): ...  # type: ignore[assignment]
    @operation(client_max_size=5)
    async def limit_of_nothing(self, id: int): ...
    @operation(consumes=["multipart/form-data"])
    async def form_beside_json(self, body: ArtistIn): ...
    @operation(produces=["image/png"])
    async def image_of_json(self, id: int) -> ArtistIn: ...  # type: ignore[empty-body]
    async def empty_and_required(self, x: Annotated[int, Query(allow_empty_value=True)]): ...
    @operation(status=202)
    async def status_of_a_handler(self, request): ...
    @operation(status=204)
    async def content_of_nothing(self, id: int) -> ArtistIn: ...  # type: ignore[empty-body]
    @operation(status=205)
    async def stream_of_nothing(self, id: int) -> AsyncIterator[int]:
        yield 1

    @short_of_parameters
    async def decorated(self, x: int = 1) -> int: ...  # type: ignore[empty-body]
    @only_positional
    async def decorated_by_position(self, x: int = 1) -> int: ...  # type: ignore[empty-body]
    async def set_of_lists(self, x: Annotated[set[list[int]], Body]): ...


MESSAGES = {
    "no_type_beside": "parameter 'x': it has no type, and is not in the URL. Write such as `x: int`",
    "unknown_type": "parameter 'x': nothing can read Custom from a request",
    "unknown_result": "result: nothing can read Custom",
    "two_bodies": "it takes two bodies, 'body' and 'other'. Make one model of them",
    "variadic": "parameter 'rest': nothing can be bound to `*rest: int`",
    "keywords": "parameter 'rest': nothing can be bound to `**rest: int`",
    "positional": "parameter 'id': it is positional-only. Take the `/` out",
    "marker_as_default": "Query is given as the default. Write `x: Annotated[..., Query]`",
    "marker_class_as_default": "Header is given as the default",
    "two_marks": "it is marked twice",
    "mark_in_path": "its name is in the URL, and it is marked Query",
    "list_in_path": "a path holds one text",
    "model_in_path": "a path holds one text",
    "list_in_header": "a header holds one text",
    "nested_in_cookies": "a cookie cannot hold its type",
    "list_in_headers": "a header cannot hold its type. Write `Annotated[..., Body]` for JSON",
    "dict_in_query": "a query cannot hold its type. Write `Annotated[..., Body]`",
    "nested_in_query": "a query cannot hold its type",
    "true_in_query": "a query cannot hold its type",
    "number_in_query": "a query cannot hold its type",
    "true": "Literal[True]",
    "bad_default": "its default None is not of its own type. Give another, or write `... | None`",
    "bad_constraint": "its default 0 is not of its own type",
    "bad_pydantic_default": "its default 0 is not of its own type",
    "undefined": "its annotation cannot be resolved (NameError: name 'Undefined' is not defined)",
    "only_for_checkers": "outside of `if TYPE_CHECKING`",
    "undefined_result": "result: its annotation cannot be resolved",
    "open_type": "~In is left open. Register a subclass",
    "open_list": "list[~In] is left open",
    "request_of_another_type": "the name stands for the request, and its type is ArtistIn",
    "partial_of_a_scalar": "Partial[...] takes a model that is an object",
    "partial_in_a_list": "has no form in JSON",
    "partial_alone": "Partial needs its model",
    "stream_of_what": "it streams items, and does not say of which type",
    "stream_of_custom": "result: nothing can read Custom",
    "marked_inside": "it is marked inside its type. Put the mark outside",
    "marked_in_a_list": "it is marked inside its type",
    "named_model": "a model is read from all of the query, and its mark has a name",
    "text_for_a_date": "its default '2026-01-01' is not of its own type",
    "limit_of_nothing": "there is no body parameter that it could limit",
    "form_beside_json": "it is read as JSON, and consumes= says another media type",
    "image_of_json": "produces= is given, and its result has a media type of its own",
    "empty_and_required": "an empty value is as none, and there is no default for it",
    "status_of_a_handler": "the action makes its own response",
    "content_of_nothing": "status=204 has no content, and a result is declared",
    "stream_of_nothing": "status=205 has no content",
    "decorated": "its decorator cannot be called with its parameters",
    "decorated_by_position": "its decorator cannot be called with its parameters",
    "set_of_lists": "a set cannot hold what has no hash",
}


def viewset_of(**members: Any) -> type[BaseViewSet]:
    return type("Artists", (BaseViewSet,), members)


@pytest.mark.parametrize(("name", "message"), MESSAGES.items())
def test_refused_signatures(name: str, message: str) -> None:
    """The message names class, action and parameter, and says how to mend it."""
    viewset = viewset_of(partial_update=getattr(Broken, name))
    router = SimpleRouter()
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)) as caught:
        router.register(viewset, basename="artist")
    assert caught.value.where.startswith("Artists.partial_update")
    assert router.routespatters == []


def test_every_broken_action_is_tried() -> None:
    """The table is complete."""
    actions = {name for name in vars(Broken) if not name.startswith("_")}
    assert actions == set(MESSAGES)


@pytest.mark.parametrize("methods", [["get"], ["post", "get"], ["head"]])
def test_body_of_a_get(methods: list[str]) -> None:
    """GET and HEAD have no body (RFC 9110, 9.3.1)."""

    async def find(self: BaseViewSet, body: ArtistIn) -> None: ...

    with pytest.raises(
        ImproperlyConfigured, match=r"Artists.find, parameter 'body': it is the body"
    ):
        SimpleRouter().register(
            viewset_of(find=action(detail=False, methods=methods)(find)), basename="artist"
        )


async def before(self: BaseViewSet) -> None: ...


async def without_self(request: web.Request) -> web.Response:
    return web.Response()


def test_hook_that_could_not_run() -> None:
    """A check in `before` that an action skips would let everybody in."""
    with pytest.raises(ImproperlyConfigured, match="it cannot run for 'list', which takes no self"):
        SimpleRouter().register(viewset_of(list=without_self, before=before), basename="artist")


def test_hook_that_is_not_async() -> None:
    """A hook is awaited."""
    viewset = viewset_of(detail=Shadowed.detail, before=lambda self: None)
    with pytest.raises(ImproperlyConfigured, match=r"Artists.before: it is not async"):
        SimpleRouter().register(viewset, basename="artist")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ({"status": 404}, "status=404 is not that of a success"),
        ({"status": "200"}, "status='200' is not"),
        ({"status": True}, "status=True is not"),
        ({"errors": [200]}, "errors= has 200"),
        ({"errors": [KeyError]}, "errors= has <class 'KeyError'>"),
        ({"errors": ["404"]}, "errors= has '404'"),
        ({"client_max_size": 0}, "client_max_size=0 is no number of bytes"),
        ({"client_max_size": 1.5}, "client_max_size=1.5 is no number of bytes"),
    ],
)
@pytest.mark.parametrize("is_action", [False, True])
def test_refused_words(words: dict[str, Any], what: str, is_action: bool) -> None:
    """The words of an operation are checked where they are written."""
    with pytest.raises(ImproperlyConfigured, match=re.escape(what)):
        action(detail=True, **words) if is_action else operation(**words)


def test_words_twice() -> None:
    """The words stand in one place."""

    async def find(self: BaseViewSet) -> None: ...

    with pytest.raises(ImproperlyConfigured, match="given twice"):
        operation(status=203)(action(detail=True, status=202)(find))


def test_operation_on_no_function() -> None:
    """It marks functions."""
    with pytest.raises(ImproperlyConfigured, match="not on a function"):
        operation(status=202)(Custom)


class Shadowed(BaseViewSet):
    async def list(self) -> None: ...

    async def detail(self, id: int) -> "list[ArtistIn]":  # type: ignore[valid-type]
        return []

    async def update(self, id: int) -> tuple[list, int]:  # type: ignore[valid-type]
        return [], 1


class ForCheckers(BaseViewSet):
    async def list(self, request: "Request") -> "Response":
        raise NotImplementedError

    async def detail(req: "Request"): ...  # type: ignore[misc]
    async def create(self, request: "Request") -> "web.Response":
        raise NotImplementedError


def test_handlers_for_checkers() -> None:
    """A plain handler may name aiohttp's classes that only a type checker imports."""
    SimpleRouter().register(ForCheckers, basename="artist")


def test_late_name() -> None:
    """A name that has no value yet is told like any other that cannot be resolved."""

    class Artists(BaseViewSet):
        async def list(self, x: int) -> "Late": ...  # type: ignore[valid-type]

    with pytest.raises(ImproperlyConfigured, match="cannot be resolved"):
        SimpleRouter().register(Artists, basename="artist")
    Late = int  # noqa: N806


@pytest.mark.parametrize(
    ("marker", "name"),
    [(Header, 5), (Query, int), (Header, ""), (Header, "X Key"), (Cookie, "a;b"), (Query, "")],
)
def test_marks_that_name_nothing(marker: Any, name: Any) -> None:
    """No request can have such a header, cookie or key."""
    with pytest.raises(ImproperlyConfigured, match=marker.__name__):
        marker(name)


class FixedRequest(BaseViewSet):
    @property
    def request(self) -> Any:  # type: ignore[override]
        return None

    async def list(self) -> None: ...


@dataclasses.dataclass(frozen=True)
class Frozen(BaseViewSet):
    async def list(self) -> None: ...


@pytest.mark.parametrize("viewset", [FixedRequest, Frozen])
def test_instances_that_take_no_request(viewset: type[BaseViewSet]) -> None:
    """The request could not be set on them."""
    with pytest.raises(ImproperlyConfigured, match="it cannot be set on an instance"):
        SimpleRouter().register(viewset, basename="artist")


def test_one_error_alone() -> None:
    """`errors=` are several."""
    with pytest.raises(ImproperlyConfigured, match=r"Write errors=\[404\]"):
        operation(errors=404)  # type: ignore[arg-type]


def test_shadowed_builtin() -> None:
    """In a string `list` is the builtin, whatever the actions are called."""
    SimpleRouter().register(viewset_of(list=Shadowed.list, detail=Shadowed.detail), "artist")


def test_action_as_a_type() -> None:
    """Up to Python 3.13 it is the action, and told with the idiom that always works."""
    if sys.version_info >= (3, 14):
        SimpleRouter().register(Shadowed, basename="artist")
        return
    with pytest.raises(
        ImproperlyConfigured, match=r"a method of the class stands in.*Artists = list"
    ):
        SimpleRouter().register(Shadowed, basename="artist")


class Base(BaseViewSet, Generic[In]):
    async def create(self, body: In) -> In:
        return body


def test_open_generic() -> None:
    """A generic base by itself cannot be served; its subclass can."""
    with pytest.raises(ImproperlyConfigured, match="left open"):
        SimpleRouter().register(Base, basename="artist")

    class Artists(Base[ArtistIn]):
        pass

    SimpleRouter().register(Artists, basename="artist")
