import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from aiohttp import hdrs, web

from ._api_client import APIClient
from ._failures import named
from ._paths import NoExample, example_path

__tracebackhide__ = True  # pytest shows the line of the test, not ours

_BROKEN: Final = b"{"
_JSON: Final = {"Content-Type": "application/json"}
_REFUSED: Final = (403, 404)
_GIVE_A_BODY: Final = ". Give a body that fits in bodies=, if the guard comes after it"


async def assert_guarded(
    api_client: APIClient,
    who_may: Iterable[tuple[object, Collection[str]]],
    *,
    parts: Mapping[str, object] | None = None,
    bodies: Mapping[str, object] | None = None,
) -> None:
    """Assert that each user may do what is named for him, and nothing else.

    `who_may` has pairs: a user, as for `api_client.log_in`, or None for nobody, and the operations
    that he may do. Every other operation of the application must be refused: with 401 to nobody,
    else with 403 or 404. So a guard that was taken out is found, a route that is new, and a guard
    that lets in too few. `parts` fill the variables of URLs: name items that are there.

        await assert_guarded(
            api_client,
            [
                (None, ["GET /artist/"]),
                (ANA, ["GET /artist/", "POST /artist/", "GET /artist/{id}/"]),
            ],
            parts={"id": 1},
        )

    The requests are real. Those with a body have one that no action takes; what may be deleted is
    not asked for. Files, other hosts and handlers of all methods are left out.

    A model viewset asks an object permission in the statement, when the body was read. So name one
    that fits, by the operation: `bodies={"PATCH /artist/{id}/": {"name": "Nina"}}`. It is sent
    by who must be refused, and by nobody else.

    Raises `AssertionError` with each operation that is answered otherwise, and `ValueError` for one
    that there is not.
    """
    app = api_client.app
    operations = dict(_operations(app, {name: str(each) for name, each in (parts or {}).items()}))
    users = [(user, frozenset(allowed)) for user, allowed in who_may]
    fitting = {name: json.dumps(body).encode() for name, body in (bodies or {}).items()}
    asked = {name for _, allowed in users for name in allowed} | fitting.keys()
    if unknown := sorted(asked - operations.keys()):
        raise ValueError(
            f"The application has no {', '.join(unknown)}. It has: {', '.join(operations)}"
        )
    failures = []
    for is_allowed, sent in ((False, fitting), (True, {})):  # what is refused changes nothing
        for user, allowed in users:
            api_client.log_in(user)
            for name, path in operations.items():
                method = name.partition(" ")[0]
                if (name in allowed) is is_allowed and not (is_allowed and method == "DELETE"):
                    status = await _status(api_client, method, path, sent.get(name, _BROKEN))
                    is_refused = status == 401 if user is None else status in _REFUSED
                    if is_refused is is_allowed:
                        fix = "" if is_allowed or status != 400 else _GIVE_A_BODY
                        failures.append(f"{name} as {user!r}: {named(status)}{fix}")
    api_client.log_in(None)
    if failures:
        raise AssertionError("Not guarded as said:\n" + "\n".join(failures))


async def _status(api_client: APIClient, method: str, path: str, body: bytes) -> int:
    has_body = method in ("PATCH", "POST", "PUT")
    headers = {**api_client.headers, **(_JSON if has_body else {})}
    async with api_client.session.request(
        method, path, data=body if has_body else None, headers=headers, allow_redirects=False
    ) as response:
        return response.status


def _operations(app: web.Application, parts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give the operations by method and route, `GET /artist/{id}/`, each with a path."""
    for resource in app.router.resources():
        info: Mapping[str, Any] = resource.get_info()
        if "rule" not in info and "app" in info:
            yield from _operations(info["app"], parts)
        methods = {route.method for route in resource} if "app" not in info else set[str]()
        if hdrs.METH_GET in methods:
            methods.discard(hdrs.METH_HEAD)
        if "directory" not in info:
            for method in sorted(methods - {hdrs.METH_ANY}):
                try:
                    yield f"{method} {resource.canonical}", example_path(info, parts)
                except NoExample as error:
                    raise ValueError(str(error)) from None
