import inspect
from collections.abc import Iterable
from html import escape
from typing import Final

from aiohttp import web

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
    """Write the page: a row for each route, with the first line of its handler's docstring.

    HEAD, which comes with GET, and the routes that only refuse other methods are left out.
    """
    rows = [_row(route) for route in routes if route.method not in ("HEAD", "*")]
    return _PAGE.format(title=escape(title), version=escape(version), rows="\n".join(rows))


def _row(route: web.AbstractRoute) -> str:
    resource = route.resource
    path = resource.canonical if resource is not None else ""
    summary, *_ = (inspect.getdoc(route.handler) or "").splitlines() or [""]
    cells = (f"<td>{escape(text)}" for text in (route.method, path, summary))
    return f"<tr>{''.join(cells)}"
