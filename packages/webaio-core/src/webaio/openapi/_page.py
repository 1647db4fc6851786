import inspect
from collections.abc import Iterable
from html import escape
from typing import Any, Final

from aiohttp import hdrs, web

from webaio.routers import is_refusal

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ border-bottom: 1px solid #ccc; padding: .4rem .8rem .4rem 0; text-align: left }}
</style>
<h1>{title} <small>{version}</small></h1>
<table>
<tr><th>Method<th>URL<th>What it does
{rows}
</table>
"""


def page(title: str, version: str, routes: Iterable[web.AbstractRoute]) -> str:
    """Write the page: a row for each operation, with the first line of its handler's docstring.

    HEAD beside GET, and what a router only refuses, are left out.
    """
    rows = sorted({row for route in routes for row in _rows(route)})
    return _PAGE.format(
        title=escape(title),
        version=escape(version),
        rows="\n".join(_markup(method, path, summary) for path, method, summary in rows),
    )


def _rows(route: web.AbstractRoute) -> Iterable[tuple[str, str, str]]:
    """Give path, method and summary of each operation of a route."""
    resource = route.resource
    if resource is None or is_refusal(route.handler):
        return
    beside_get = any(other.method == hdrs.METH_GET for other in resource)
    if route.method == hdrs.METH_HEAD and beside_get:
        return
    for method in _methods(route):
        handler = getattr(route.handler, method.lower(), None) or route.handler
        yield resource.canonical, method, _summary(handler)


def _methods(route: web.AbstractRoute) -> list[str]:
    handler = route.handler
    if route.method != hdrs.METH_ANY or not isinstance(handler, type):
        return ["any" if route.method == hdrs.METH_ANY else route.method]
    return [method for method in sorted(hdrs.METH_ALL) if hasattr(handler, method.lower())]


def _summary(handler: Any) -> str:
    """Give the first line of what the programmer wrote, not of what Python or aiohttp did."""
    handler = getattr(handler, "func", handler)  # of a functools.partial
    if not (inspect.isroutine(handler) or isinstance(handler, type)):
        return ""
    text = vars(handler).get("__doc__") if isinstance(handler, type) else handler.__doc__
    return inspect.cleandoc(text).partition("\n")[0] if text else ""


def _markup(method: str, path: str, summary: str) -> str:
    return f"<tr><td>{escape(method)}<td>{escape(path)}<td>{escape(summary)}"
