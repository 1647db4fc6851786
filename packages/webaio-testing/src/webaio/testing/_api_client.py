import json as json_module
import string
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict, Unpack
from urllib.parse import quote

from aiohttp import ClientError, ClientResponse, ClientSession, web
from aiohttp.test_utils import TestClient
from multidict import CIMultiDict

from ._failures import LoggedExceptions, logged_exceptions, shown, wrong_status

Session = ClientSession | TestClient[web.Request, web.Application]
"""What makes the requests: a session with a base URL, or aiohttp's test client."""


class RequestOptions(TypedDict, total=False):
    """What a request may be given beside its path.

    `expect` is the status that must come (any below 400 when it is not given). `json`, `data`,
    `params` and `headers` are aiohttp's. With `as_json` a body that is not JSON fails. With `raw`
    the result is aiohttp's response, its body not yet read. Redirects are followed only with
    `follow_redirects`.
    """

    expect: int
    json: Any
    data: Any
    params: Any
    headers: Mapping[str, str]
    as_json: bool
    raw: bool
    follow_redirects: bool


class APIClient:
    """Makes requests and checks their status; the result is the decoded body.

        artist = await api_client.post("/artist/", json={"name": "Gustavo"}, expect=201)

    JSON is decoded, other text is a `str`, the rest `bytes`, an empty body `None`. A wrong status
    raises an `AssertionError` that shows the method, the URL, both statuses and the body. Where a
    handler failed, its exception is the cause, unless `show_exceptions` is false.

    `headers` go with every request. `session` is aiohttp's own, for WebSockets and all else.
    """

    def __init__(
        self,
        session: Session,
        app: web.Application | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        show_exceptions: bool = True,
    ) -> None:
        self.session = session
        self.headers: CIMultiDict[str] = CIMultiDict(headers or {})
        self._app = app
        self._show_exceptions = show_exceptions
        self._raw_responses: list[ClientResponse] = []

    def close(self) -> None:
        """Close the raw responses that were not read to their end."""
        for response in self._raw_responses:
            response.close()

    async def get(self, path: str, **options: Unpack[RequestOptions]) -> Any:
        """Make a GET request; see `RequestOptions`."""
        return await self.request("GET", path, **options)

    async def head(self, path: str, **options: Unpack[RequestOptions]) -> Any:
        """Make a HEAD request; see `RequestOptions`."""
        return await self.request("HEAD", path, **options)

    async def options(self, path: str, **options: Unpack[RequestOptions]) -> Any:
        """Make an OPTIONS request; see `RequestOptions`."""
        return await self.request("OPTIONS", path, **options)

    async def post(self, path: str, **options: Unpack[RequestOptions]) -> Any:
        """Make a POST request; see `RequestOptions`."""
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Unpack[RequestOptions]) -> Any:
        """Make a PUT request; see `RequestOptions`."""
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Unpack[RequestOptions]) -> Any:
        """Make a PATCH request; see `RequestOptions`."""
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Unpack[RequestOptions]) -> Any:
        """Make a DELETE request; see `RequestOptions`."""
        return await self.request("DELETE", path, **options)

    async def request(self, method: str, path: str, **options: Unpack[RequestOptions]) -> Any:
        """Make a request with any method; see `RequestOptions`.

        Raises `AssertionError` for a wrong status, for a body that is not the JSON which `as_json`
        asks for, and when the server cuts the connection; `TypeError` for an unknown option.
        """
        if unknown := options.keys() - RequestOptions.__annotations__.keys():
            known = ", ".join(RequestOptions.__annotations__)
            raise TypeError(f"unknown option {', '.join(sorted(unknown))}; there are {known}")
        with logged_exceptions() as exceptions:
            try:
                response = await self._send(method, path, options)
                await self._check_status(response, options.get("expect"), exceptions)
                if not options.get("raw"):
                    return _decoded(response, await response.read(), options.get("as_json", False))
            except ClientError as error:
                if (cause := self._cause(exceptions)) is None:
                    raise
                raise AssertionError(f"{method} {path} was cut: {error!r}") from cause
        self._raw_responses.append(response)
        return response

    def authenticate(self, credentials: str | None, scheme: str = "Bearer") -> None:
        """Send `Authorization: Bearer credentials` with every request from now on; None stops it."""
        self.headers.pop("Authorization", None)
        if credentials is not None:
            self.headers["Authorization"] = f"{scheme} {credentials}"

    def url(self, name: str, /, **parts: object) -> str:
        """Give the path of a named route, its parts filled in and escaped.

            api_client.url("artist-detail", id=7)

        Raises `LookupError` for an unknown name, and for a part that is missing or not there.
        """
        if self._app is None:
            raise LookupError("This client knows no application, only an address.")
        return _reversed(self._app, name, {key: str(part) for key, part in parts.items()})

    async def _send(self, method: str, path: str, options: RequestOptions) -> ClientResponse:
        headers = CIMultiDict(self.headers)
        headers.update(options.get("headers") or {})
        return await self.session.request(
            method,
            path,
            json=options.get("json"),
            data=options.get("data"),
            params=options.get("params"),
            headers=headers,
            allow_redirects=options.get("follow_redirects", False),
        )

    async def _check_status(
        self, response: ClientResponse, expected: int | None, exceptions: LoggedExceptions
    ) -> None:
        if response.status < 400 if expected is None else response.status == expected:
            return
        body = await response.read()
        try:
            shown_body = _decoded(response, body)
        except AssertionError:
            shown_body = body.decode(errors="replace")
        url = str(response.url)
        failure = wrong_status(response.method, url, expected, response.status, shown_body)
        raise AssertionError(failure) from (
            self._cause(exceptions) if response.status >= 500 else None
        )

    def _cause(self, exceptions: LoggedExceptions) -> BaseException | None:
        return exceptions.last() if self._show_exceptions else None


def is_json(response: ClientResponse) -> bool:
    """Tell whether a response says that its body is JSON: `application/json`, `…+json`."""
    return response.content_type == "application/json" or response.content_type.endswith("+json")


def _decoded(response: ClientResponse, body: bytes, as_json: bool = False) -> Any:
    if is_json(response) and body:
        try:
            return json_module.loads(body, parse_constant=_refuse_constant)
        except ValueError:
            as_json = True
    if as_json:
        raise AssertionError(
            f"{response.method} {response.url} answered with {response.content_type}, "
            f"and this is not JSON:\n{shown(body.decode(errors='replace'))}"
        )
    if not body:
        return None
    if response.content_type.startswith("text/"):
        return _text(body, response.charset or "utf-8")
    return body


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _text(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _reversed(app: web.Application, name: str, parts: Mapping[str, str]) -> str:
    named = [(resource.name, resource) for resource in _resources(app) if resource.name]
    found = [resource for each, resource in named if each == name]
    if not found:
        names = ", ".join(sorted({each for each, _ in named}))
        raise LookupError(f"No route is named {name!r}. There are: {names}")
    if len(found) > 1:
        places = " and ".join(resource.canonical for resource in found)
        raise LookupError(f"{name!r} is the name of {places}: rename one, or write the path")
    formatter = found[0].get_info().get("formatter", found[0].canonical)
    wanted = {field for _, field, _, _ in string.Formatter().parse(formatter) if field}
    for part in sorted(wanted - parts.keys()):
        raise LookupError(f"{name!r} is {formatter}: give {part!r}")
    for part in sorted(parts.keys() - wanted):
        raise LookupError(f"{name!r} is {formatter}: it has no {part!r}")
    return str(formatter.format_map({key: quote(part, "") for key, part in parts.items()}))


def _resources(app: web.Application) -> Iterator[web.AbstractResource]:
    """Give the resources of an application and its sub-applications."""
    for resource in app.router.resources():
        inner = resource.get_info().get("app")
        if inner is None:
            yield resource
        else:
            yield from _resources(inner)
