"""The OpenAPI document of an application."""

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from aiohttp import web

from webaio.decorators._mark import record_on
from webaio.decorators._operation import Operation
from webaio.exceptions import ImproperlyConfigured
from webaio.permissions._guard import Guard
from webaio.schemas import Components
from webaio.schemas._json_schema import to_json
from webaio.throttling._setup import counts_failures
from webaio.viewsets import BaseViewSet

from ._about import About, Amend, Scheme
from ._endpoint import Endpoint, endpoints_of
from ._request_parts import RequestParts, request_parts_of
from ._responses import responses_of
from ._text import docstring_of, summary_and_description

_VERSION: Final = "3.1.0"


def document(app: web.Application, about: About) -> bytes:
    """Describe an application by OpenAPI 3.1, in JSON.

    Raises `ImproperlyConfigured` where two operations have one id.
    """
    endpoints, may_wait = endpoints_of(app), counts_failures(app)
    ids = _operation_ids(endpoints)
    components = Components(is_split=about.separate_input_output_schemas)
    schemes = {**_schemes_of_guards(endpoints), **about.security_schemes}
    paths: dict[str, dict[str, msgspec.Raw]] = {}
    for endpoint, operation_id in zip(endpoints, ids, strict=True):
        parts = request_parts_of(endpoint, components, may_wait=may_wait)
        security = _security(endpoint, parts, about, schemes)
        responses = responses_of(endpoint, components, parts, is_secured=any(security))
        found = _operation(endpoint, operation_id, parts, responses)
        if security != about.default_security:
            found["security"] = security
        text = msgspec.Raw(to_json(found))
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = text
    named, schemas = components.resolve(dict(sorted(paths.items())))
    described: dict[str, Any] = {"openapi": _VERSION, "info": _info(about)}
    if about.servers:
        described["servers"] = [{"url": url} for url in about.servers]
    if tags := _tags(endpoints, about):
        described["tags"] = tags
    described |= {"paths": named, "components": {"schemas": schemas}}
    if schemes:
        described["components"]["securitySchemes"] = schemes
    if about.security_schemes:
        described["security"] = about.default_security
    written = to_json(described)
    return written if about.amend is None else to_json(_amended(written, about.amend))


def _amended(written: bytes, amend: Amend) -> dict[str, Any]:
    """Let the application change its document."""
    found: dict[str, Any] = msgspec.json.decode(written)
    given: object = amend(found)
    if given is None:
        return found
    if not isinstance(given, dict):
        what = f"amend= gave a {type(given).__name__}, and no document"
        fix = "Change what it is given in place, or return a dict"
        raise ImproperlyConfigured("openapi.setup", what, fix)
    return given


def _info(about: About) -> dict[str, str]:
    found = {"title": about.title, "version": about.version}
    return {**found, "description": about.description} if about.description else found


def _tags(endpoints: Sequence[Endpoint], about: About) -> list[dict[str, Any]]:
    """Give the tags that are said of the API, then the others; one of a viewset has its docstring."""
    found = {each["name"]: dict(each) for each in about.tags}
    for name in (name for each in endpoints for name in _tags_of(each)):
        found.setdefault(name, {"name": name})
    actions = [each.action for each in endpoints if each.action is not None]
    for basename, viewset in dict.fromkeys((each.basename, each.viewset) for each in actions):
        text = docstring_of(viewset)
        for name in _tags_on(viewset, basename):
            if text and name in found:
                found[name].setdefault("description", text)
    return [*found.values()]


def _tags_of(endpoint: Endpoint) -> Sequence[str]:
    if endpoint.words.tags is not None or endpoint.action is None:
        return endpoint.words.tags or ()
    return [endpoint.action.basename]


def _tags_on(viewset: type[BaseViewSet], basename: str) -> Sequence[str]:
    """Give the tags of a viewset: its basename, if none are said on the nearest class."""
    said = (record_on(each, Operation) for each in viewset.__mro__)
    tags = (each.tags for each in said if each is not None and each.tags is not None)
    return next(tags, [basename])


def _operation(
    endpoint: Endpoint,
    operation_id: str | None,
    parts: RequestParts,
    responses: Mapping[str, Any],
) -> dict[str, Any]:
    action, words = endpoint.action, endpoint.words
    summary, description = summary_and_description(
        action.signature.function if action else endpoint.handler
    )
    if words.summary is not None:
        described = filter(None, [summary, description])
        summary, description = words.summary, "\n\n".join(described)
    found: dict[str, Any] = {
        "tags": _tags_of(endpoint),
        "summary": summary,
        "description": description,
        "operationId": operation_id,
        "deprecated": words.deprecated,
        "parameters": parts.parameters,
        "requestBody": parts.body,
        "responses": responses,
    }
    return {name: each for name, each in found.items() if each}


def _schemes_of_guards(endpoints: Sequence[Endpoint]) -> dict[str, Scheme]:
    """Give the security schemes of what guards operations; two of one name must be equal."""
    found: dict[str, Scheme] = {}
    for endpoint in endpoints:
        guard = record_on(endpoint.handler, Guard)
        for way in () if guard is None else guard.authentication:
            if found.setdefault(way.scheme_name, way.security_scheme) != way.security_scheme:
                raise ImproperlyConfigured(
                    endpoint.where,
                    f"its security scheme {way.scheme_name!r} is another elsewhere",
                    "Give one of them another scheme_name",
                )
    return found


def _security(
    endpoint: Endpoint, parts: RequestParts, about: About, schemes: Collection[str]
) -> list[dict[str, list[str]]]:
    """Give the schemes of an operation, any one of the list: as usual, or as is said for it.

    What its action names is needed beside what its functions and middlewares need.
    """
    own = endpoint.words.security
    if own is None and not parts.security:
        return about.default_security
    is_needed = own or not parts.security
    groups = [own or (), *parts.security] if is_needed else parts.security
    for name in (name for group in groups for each in group for name in each):
        if name not in schemes:
            raise ImproperlyConfigured(
                endpoint.where,
                f"security= has {name!r}, which is no scheme of the document",
                "Give it to openapi.setup, in security_schemes=",
            )
    found: list[dict[str, list[str]]] = []
    for combined in itertools.product(*groups):
        each = _together(combined)
        if each not in found:
            found.append(each)
    return found


def _together(requirements: Iterable[Mapping[str, list[str]]]) -> dict[str, list[str]]:
    """Join what is needed together: every scheme, with the scopes that any of them names."""
    found: dict[str, list[str]] = {}
    for name, scopes in (pair for each in requirements for pair in each.items()):
        found[name] = [*dict.fromkeys([*found.get(name, ()), *scopes])]
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
