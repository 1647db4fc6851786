"""The OpenAPI document of an application."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from aiohttp import web

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas import Components
from webaio.schemas._json_schema import to_json

from ._about import About
from ._endpoint import Endpoint, endpoints_of
from ._request_parts import RequestParts, request_parts_of
from ._responses import responses_of
from ._text import docstring_of, summary_and_description

_VERSION: Final = "3.1.0"


def document(app: web.Application, about: About) -> bytes:
    """Describe an application by OpenAPI 3.1, in JSON.

    Raises `ImproperlyConfigured` where two operations have one id.
    """
    endpoints = endpoints_of(app)
    ids = _operation_ids(endpoints)
    components = Components()
    paths: dict[str, dict[str, msgspec.Raw]] = {}
    for endpoint, operation_id in zip(endpoints, ids, strict=True):
        parts = request_parts_of(endpoint, components)
        security = _security(endpoint, parts, about)
        responses = responses_of(endpoint, components, parts, is_secured=bool(security))
        found = _operation(endpoint, operation_id, parts, responses)
        if security != about.default_security:
            found["security"] = security
        text = msgspec.Raw(to_json(found))
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = text
    named, schemas = components.resolve(dict(sorted(paths.items())))
    described: dict[str, Any] = {"openapi": _VERSION, "info": _info(about)}
    if about.servers:
        described["servers"] = [{"url": url} for url in about.servers]
    if tags := _tags(endpoints):
        described["tags"] = tags
    described |= {"paths": named, "components": {"schemas": schemas}}
    if about.security_schemes:
        schemes = {name: dict(each) for name, each in about.security_schemes.items()}
        described["components"]["securitySchemes"] = schemes
        described["security"] = about.default_security
    return to_json(described)


def _info(about: About) -> dict[str, str]:
    found = {"title": about.title, "version": about.version}
    return {**found, "description": about.description} if about.description else found


def _tags(endpoints: Sequence[Endpoint]) -> list[dict[str, str]]:
    """Give a tag for each viewset, with its docstring."""
    found: dict[str, str] = {}
    for action in (each.action for each in endpoints if each.action is not None):
        found.setdefault(action.basename, docstring_of(action.viewset))
    return [
        {"name": name, "description": text} if text else {"name": name}
        for name, text in found.items()
    ]


def _operation(
    endpoint: Endpoint,
    operation_id: str | None,
    parts: RequestParts,
    responses: Mapping[str, Any],
) -> dict[str, Any]:
    action = endpoint.action
    summary, description = summary_and_description(action.function if action else endpoint.handler)
    if action is not None and action.operation.summary is not None:
        summary, description = (
            action.operation.summary,
            "\n\n".join(filter(None, [summary, description])),
        )
    found: dict[str, Any] = {
        "tags": [action.basename] if action else None,
        "summary": summary,
        "description": description,
        "operationId": operation_id,
        "deprecated": action.operation.deprecated if action else False,
        "parameters": parts.parameters,
        "requestBody": parts.body,
        "responses": responses,
    }
    return {name: each for name, each in found.items() if each}


def _security(endpoint: Endpoint, parts: RequestParts, about: About) -> list[dict[str, list[str]]]:
    """Give the schemes of an operation, any one of the list: as usual, or as is said for it.

    What its action names is needed beside what its functions and middlewares need.
    """
    own = endpoint.action.operation.security if endpoint.action else None
    if own is None and not parts.security:
        return about.default_security
    is_needed = own or not parts.security
    groups = [own or (), *parts.security] if is_needed else parts.security
    for name in (name for group in groups for name in group):
        if name not in about.security_schemes:
            raise ImproperlyConfigured(
                endpoint.where,
                f"security= has {name!r}, which is no scheme of the document",
                "Give it to openapi.setup, in security_schemes=",
            )
    found: list[dict[str, list[str]]] = []
    for combined in itertools.product(*groups):
        each: dict[str, list[str]] = {name: [] for name in combined}
        if each not in found:
            found.append(each)
    return found


def _operation_ids(endpoints: Sequence[Endpoint]) -> list[str | None]:
    """Give the ids: `artist_list` of an action, of a handler its route's name where that is unique."""
    taken: dict[str, Endpoint] = {}
    ids = [_id_of_action(each) for each in endpoints]
    for endpoint, operation_id in zip(endpoints, ids, strict=True):
        other = taken.setdefault(operation_id, endpoint) if operation_id else endpoint
        if other is not endpoint:
            raise ImproperlyConfigured(
                endpoint.where,
                f"its operation id {operation_id!r} is that of {other.where}",
                "Give one of the routers a namespace, one viewset another basename, or one action "
                "another name",
            )
    names = Counter(each.name for each in endpoints)
    named = [
        each.name if names[each.name] == 1 else f"{each.name}_{each.method.lower()}"
        for each in endpoints
    ]
    counts = Counter(named)
    return [
        operation_id or (name if each.name and counts[name] == 1 and name not in taken else None)
        for each, name, operation_id in zip(endpoints, named, ids, strict=True)
    ]


def _id_of_action(endpoint: Endpoint) -> str | None:
    action = endpoint.action
    if action is None:
        return None
    words = [action.basename.replace(":", "_"), action.name]
    return "_".join(words if endpoint.is_alone else [*words, endpoint.method.lower()])
