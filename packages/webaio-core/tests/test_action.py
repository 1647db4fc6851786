from typing import Any

import pytest
from aiohttp import web

from webaio.decorators import action, operation
from webaio.decorators._action import ActionMark
from webaio.decorators._mark import record_on
from webaio.exceptions import ImproperlyConfigured


async def google_it(request: web.Request) -> web.StreamResponse:
    return web.Response()


def test_same_function() -> None:
    """The mark changes nothing of the function: it is the same object."""
    assert action(detail=True)(google_it) is google_it


def test_defaults() -> None:
    """An action that names no method is a GET, and its URL and name follow from the function."""

    @action(detail=False)
    async def recent(request: web.Request) -> web.StreamResponse:
        return web.Response()

    assert record_on(recent, ActionMark) == ActionMark(False, ("GET",), None, None)


def test_unmarked() -> None:
    """What is not marked has no mark."""
    assert record_on(object(), ActionMark) is None


@pytest.mark.parametrize("method", ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"])
def test_method_in_any_case(method: str) -> None:
    """HTTP methods may be written in any case, one or several."""

    @action(detail=True, methods=[method.lower(), method.title(), method])
    async def play(request: web.Request) -> web.StreamResponse:
        return web.Response()

    mark = record_on(play, ActionMark)
    assert mark is not None
    assert mark.methods == (method,)


def test_static_method_in_either_order() -> None:
    """The mark is found whether `staticmethod` stands above or below it."""

    class Viewset:
        @action(detail=True)
        @staticmethod
        async def above(request: web.Request) -> web.StreamResponse:
            return web.Response()

        @staticmethod
        @action(detail=True)
        async def below(request: web.Request) -> web.StreamResponse:
            return web.Response()

    assert record_on(vars(Viewset)["above"], ActionMark) is not None
    assert record_on(vars(Viewset)["below"], ActionMark) is not None


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"method": "gett"}, "'gett' is not an HTTP method"),
        ({"method": ""}, "'' is not an HTTP method"),
        ({"method": "options"}, "'options' is not an HTTP method"),
        ({"methods": ["get", 7]}, "7 is not an HTTP method"),
        ({"methods": "get"}, "methods='get' is one string"),
        ({"methods": []}, "methods= is empty"),
        ({"method": "get", "methods": ["post"]}, "both method= and methods="),
    ],
)
def test_refusals(options: dict[str, object], what: str) -> None:
    """What no router could serve is refused where it is written, with the function's name."""
    with pytest.raises(ImproperlyConfigured) as caught:
        action(detail=True, **options)(google_it)  # type: ignore[arg-type]  # that is the point
    assert caught.value.where == "google_it"
    assert what in caught.value.what
    assert caught.value.fix


@pytest.mark.parametrize("target", [None, 7, object(), dict])
def test_only_on_functions(target: object) -> None:
    """What is no function cannot be marked."""
    with pytest.raises(ImproperlyConfigured, match="not on a function"):
        action(detail=True)(target)  # type: ignore[type-var]  # that is the point


@pytest.mark.parametrize("decorator", [action, operation])
def test_without_parentheses(decorator: Any) -> None:
    """It says that they are missing."""
    with pytest.raises(ImproperlyConfigured, match="with parentheses") as caught:
        decorator(google_it)
    assert caught.value.where == "google_it"


def test_marked_twice() -> None:
    """The first mark would be lost."""

    async def play(request: web.Request) -> web.Response:
        return web.Response()

    with pytest.raises(ImproperlyConfigured, match="play: it is marked with @action twice"):
        action(detail=True)(action(detail=False)(play))
