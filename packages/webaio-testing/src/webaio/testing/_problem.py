from typing import Any, Final

from aiohttp import ClientResponse

from ._failures import named, shown

__tracebackhide__ = True  # pytest shows the line of the test, not ours

_PROBLEM_TYPE: Final = "application/problem+json"


async def assert_problem(
    response: ClientResponse, status: int, *, code: str | None = None
) -> dict[str, Any]:
    """Assert that a response is a problem (RFC 9457) with this status, and give it.

    `code` is the code for machines, where it matters.

        response = await api_client.get("/artist/x/", expect=404, raw=True)
        problem = await assert_problem(response, 404, code="not_found")

    Raises `AssertionError` with all that is wrong, and the body, and `TypeError` for a body.
    """
    if not isinstance(response, ClientResponse):
        raise TypeError("assert_problem takes a response: make the request with raw=True.")
    faults = await problem_faults(response)
    if response.status != status:
        faults.insert(0, f"the status is {named(response.status)}, not {named(status)}")
    problem: Any = await _json(response)
    if code is not None and isinstance(problem, dict) and problem.get("code") != code:
        faults.append(f"the code is {problem.get('code')!r}, not {code!r}")
    if faults:
        text = shown(await response.text(errors="replace"))
        raise AssertionError(f"{response.method} {response.url}: {'; '.join(faults)}\n{text}")
    assert isinstance(problem, dict)
    return problem


async def problem_faults(response: ClientResponse) -> list[str]:
    """Give what keeps a response from being a proper problem; nothing for a proper one."""
    faults = []
    if response.content_type != _PROBLEM_TYPE:
        faults.append(f"the media type is {response.content_type}, not {_PROBLEM_TYPE}")
    problem = await _json(response)
    if not isinstance(problem, dict):
        return [*faults, "the body is not a JSON object"]
    if problem.get("status", response.status) != response.status:
        faults.append(f"the member status is {problem['status']!r}, not {response.status}")
    for name in ("type", "title", "detail", "instance"):
        if not isinstance(problem.get(name, ""), str):
            faults.append(f"the member {name} is not a string")
    if not problem.get("title") and not problem.get("detail"):
        faults.append("it has no title and no detail")
    return faults


async def _json(response: ClientResponse) -> Any:
    try:
        return await response.json(content_type=None)
    except ValueError:
        return None
