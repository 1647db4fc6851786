from typing import Any, TypedDict

from aiohttp import web


class Errors(TypedDict):
    """What is wrong, by the members of a request; `body` is all else."""

    errors: dict[str, list[str]]


def errors_of(request: web.Request, problem: dict[str, Any]) -> Errors:
    """Give a problem the form that RealWorld's errors have."""
    found: dict[str, list[str]] = {}
    for fault in problem.get("errors", ()):
        path: list[str] = fault["pointer"].split("/")[1:3]  # /user/email, /limit
        found.setdefault(path[-1] if path else "body", []).append(fault["detail"])
    return {"errors": found or {"body": [problem["detail"]]}}
