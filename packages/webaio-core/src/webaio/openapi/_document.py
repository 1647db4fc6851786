"""The OpenAPI document of an application."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from aiohttp import web

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas._components import Components
from webaio.schemas._json_schema import to_json

from ._about import About
from ._endpoint import Endpoint, endpoints_of
from ._parameters import body_of, parameters_of
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
        security = _security(endpoint, about.security_schemes)
        found = _operation(endpoint, operation_id, components, is_secured=bool(security))
        if security != [*about.security_schemes]:
            found["security"] = [{name: []} for name in security]
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
        described["security"] = [{name: []} for name in schemes]
    return to_json(described)


def _info(about: About) -> dict[str, str]:
    found = {"title": about.title, "version": about.version}
    return {**found, "description": about.description} if about.description else found


def _tags(endpoints: Sequence[Endpoint]) -> list[dict[str, str]]:
    """Give a tag for each viewset, with its docstring."""
    found: dict[str, str] = {}
    for action in (each.action for each in endpoints if each.action is not None):
        found.setdefault(action.place.basename, docstring_of(action.viewset))
    return [
        {"name": name, "description": text} if text else {"name": name}
        for name, text in found.items()
    ]


def _operation(
    endpoint: Endpoint, operation_id: str | None, components: Components, *, is_secured: bool
) -> dict[str, Any]:
    action = endpoint.action
    summary, description = summary_and_description(action.function if action else endpoint.handler)
    if action is not None and action.operation.summary is not None:
        summary, description = (
            action.operation.summary,
            "\n\n".join(filter(None, [summary, description])),
        )
    found: dict[str, Any] = {
        "tags": [action.place.basename] if action else None,
        "summary": summary,
        "description": description,
        "operationId": operation_id,
        "deprecated": action.operation.deprecated if action else False,
        "parameters": parameters_of(endpoint, components),
        "requestBody": body_of(endpoint, components),
        "responses": responses_of(endpoint, components, _statuses(endpoint, is_secured=is_secured)),
    }
    return {name: each for name, each in found.items() if each}


def _security(endpoint: Endpoint, known: Collection[str]) -> list[str]:
    """Name the security schemes of an operation: all, or those that its action names."""
    own = endpoint.action.operation.security if endpoint.action else None
    for name in own or ():
        if name not in known:
            raise ImproperlyConfigured(
                endpoint.where,
                f"security= has {name!r}, which is no scheme of the document",
                "Give it to openapi.setup, in security_schemes=",
            )
    return [*known] if own is None else [*own]


def _statuses(endpoint: Endpoint, *, is_secured: bool) -> list[int]:
    """Give the errors that follow from what an operation takes."""
    statuses = [401] if is_secured else []
    contract = endpoint.action.contract if endpoint.action else None
    if contract is None:
        return statuses
    if endpoint.variables:
        statuses.append(404)
    if contract.body is not None:
        statuses += [400, 413, 415]
    if any(each.source != "path" for each in contract.parameters):
        statuses.append(422)
    return statuses


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
    words = [action.place.basename.replace(":", "_"), action.name]
    return "_".join(words if endpoint.is_alone else [*words, endpoint.method.lower()])
