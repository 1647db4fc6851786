import contextlib
from collections.abc import Collection, Mapping
from typing import Any, TypedDict, Unpack

from aiohttp import ClientError, ClientResponse, ClientSession, web
from aiohttp.test_utils import TestClient
from multidict import CIMultiDict

from ._body import decoded
from ._event_loop import require_loop, running_loop
from ._failures import BELOW_400, wrong_status
from ._log import LoggedExceptions, logged_exceptions
from ._reversal import reversed_path

__tracebackhide__ = True  # pytest shows the line of the test, not ours

Session = ClientSession | TestClient[web.Request, web.Application]
"""What makes the requests: a session with a base URL, or aiohttp's test client."""


class RequestOptions(TypedDict, total=False):
    """What a request may be given beside its path.

    `expect` is the status that must come, or several any one of which may (any below 400 when it is
    not given). `json`, `data`, `params` and `headers` are aiohttp's. With `as_json` a body that is not JSON fails. With `raw`
    the result is aiohttp's response, its body not yet read. Redirects are followed only with
    `follow_redirects`.
    """

    expect: int | Collection[int]
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
        self._loop = running_loop()
        self._show_exceptions = show_exceptions
        self._raw_responses: list[ClientResponse] = []
        self._logins = contextlib.ExitStack()

    def close(self) -> None:
        """Log out, and close the raw responses that were not read to their end."""
        self._logins.close()
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
        asks for, and when the server cuts the connection; `TypeError` for an unknown option;
        `RuntimeError` in another event loop than the one in which the client was made.
        """
        require_loop(self._loop)
        if unknown := options.keys() - RequestOptions.__annotations__.keys():
            known = ", ".join(RequestOptions.__annotations__)
            raise TypeError(f"unknown option {', '.join(sorted(unknown))}; there are {known}")
        with logged_exceptions() as exceptions:
            try:
                response = await self._send(method, path, options)
                await self._check_status(response, _expected(options), exceptions)
                if not options.get("raw"):
                    return decoded(response, await response.read(), options.get("as_json", False))
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

    def log_in(self, user: object, *, scopes: Collection[str] = ()) -> None:
        """Be known as a user from now on, without credentials; None logs out.

        `user` is what an action gets as its `CurrentUser`. His identity has the `id` that he has, as
        text, and `scopes`; an `Identity` of `webaio.authentication` is taken as it is.

            api_client.log_in(User(id="ana"))

        Raises `LookupError` for a client of an address, and `TypeError` for a user without an `id`.
        """
        self._logins.close()
        if user is not None:
            from webaio.authentication import logged_in  # who has users to log in has it

            headers = self._logins.enter_context(logged_in(self.app, _identity(user, scopes)))
            self.headers.update(headers)
            self._logins.callback(lambda: [self.headers.pop(name, None) for name in headers])

    @property
    def app(self) -> web.Application:
        """The application; raises `LookupError` for a client of an address."""
        if self._app is None:
            raise LookupError("This client knows no application, only an address.")
        return self._app

    def url(self, name: str, /, **parts: object) -> str:
        """Give the path of a named route, its parts filled in and escaped.

            api_client.url("artist-detail", id=7)

        Raises `LookupError` for an unknown name, and for a part that is missing or not there.
        """
        return reversed_path(self.app, name, {key: str(part) for key, part in parts.items()})

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
        self, response: ClientResponse, expected: Collection[int], exceptions: LoggedExceptions
    ) -> None:
        if response.status in expected:
            return
        body = await response.read()
        try:
            shown_body = decoded(response, body)
        except AssertionError:
            shown_body = body.decode(errors="replace")
        url = str(response.url)
        failure = wrong_status(response.method, url, expected, response.status, shown_body)
        raise AssertionError(failure) from (
            self._cause(exceptions) if response.status >= 500 else None
        )

    def _cause(self, exceptions: LoggedExceptions) -> BaseException | None:
        return exceptions.last() if self._show_exceptions else None


def _expected(options: RequestOptions) -> Collection[int]:
    found = options.get("expect")
    if found is None:
        return BELOW_400
    return (found,) if isinstance(found, int) else found


def _identity(user: object, scopes: Collection[str]) -> Any:
    from webaio.authentication import Identity

    if isinstance(user, Identity):
        return user
    found = getattr(user, "id", None)
    if found is None:
        raise TypeError(f"{user!r} has no id: give an Identity(id, user)")
    return Identity(str(found), user, frozenset(scopes))
