"""What no route tells of an API."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import msgspec

from webaio.decorators._words import Requirement, checked_security
from webaio.exceptions import ImproperlyConfigured

_WHERE: Final = "openapi.setup"
_SERVER: Final = re.compile(
    r"(https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?)?(/[^/\s\"'<>{}|\\^`;,][^\s\"'<>{}|\\^`;,]*|/)?"
)
"""A host without credentials, a path, or both; nothing that could end a header's directive."""
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_MEMBERS: Final[dict[object, tuple[str, ...]]] = {
    "apiKey": ("name", "in"),
    "http": ("scheme",),
    "mutualTLS": (),
    "oauth2": ("flows",),
    "openIdConnect": ("openIdConnectUrl",),
}
"""The types of security schemes, with what each must have (OpenAPI 3.1, 4.8.27)."""

Scheme = Mapping[str, Any]
Tag = str | Mapping[str, Any]
"""The name of a tag, or OpenAPI's Tag Object."""
Amend = Callable[[dict[str, Any]], dict[str, Any] | None]
"""Changes a document in place, or gives another."""


@dataclass(frozen=True, slots=True)
class About:
    """The head of a document, and who may ask where."""

    title: str
    version: str
    description: str = ""
    servers: tuple[str, ...] = ()
    security_schemes: Mapping[str, Scheme] = field(default_factory=dict)
    security: tuple[Mapping[str, list[str]], ...] | None = None
    tags: tuple[Mapping[str, Any], ...] = ()
    amend: Amend | None = None
    separate_input_output_schemas: bool = True

    @property
    def default_security(self) -> list[dict[str, list[str]]]:
        """What an operation needs that says nothing of it: any one of these."""
        if self.security is None:
            return [{name: []} for name in self.security_schemes]
        return [dict(each) for each in self.security]


def about(
    *,
    title: object,
    version: object,
    description: object,
    servers: Iterable[str],
    security_schemes: Mapping[str, Scheme],
    security: Iterable[Requirement] | None,
    tags: Iterable[Tag],
    amend: Amend | None,
    separate_input_output_schemas: bool,
) -> About:
    """Check what is said of an API; raises `ImproperlyConfigured` for what no document can hold."""
    return About(
        title=str(title),
        version=str(version),
        description=str(description),
        servers=_servers(servers),
        security_schemes=_schemes(security_schemes),
        security=_security(security, security_schemes),
        tags=_tags(tags),
        amend=_amend(amend),
        separate_input_output_schemas=separate_input_output_schemas,
    )


def _servers(servers: Iterable[str]) -> tuple[str, ...]:
    if isinstance(servers, str) or not isinstance(servers, Iterable):
        _refuse(f"servers={servers!r} is no list", f"Write servers=[{servers!r}]")
    found = tuple(servers)
    for each in found:
        if not isinstance(each, str) or not each or not _SERVER.fullmatch(each):
            _refuse(
                f"servers= has {each!r}, which is no URL of a server",
                "Write such as 'https://api.example.org', 'http://localhost:8080/v1' or '/v1'",
            )
    return tuple(each.rstrip("/") or "/" for each in found)


def _schemes(schemes: Mapping[str, Scheme]) -> Mapping[str, Scheme]:
    fix = "Write such as {'token': {'type': 'http', 'scheme': 'bearer'}}"
    if not isinstance(schemes, Mapping):
        _refuse(f"security_schemes={schemes!r} is no dict", fix)
    for name, each in schemes.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            _refuse(
                f"security_schemes= has the name {name!r}", "Use letters, digits, '.', '-' and '_'"
            )
        if not isinstance(each, Mapping) or each.get("type") not in _MEMBERS:
            _refuse(f"security_schemes= has {name!r} without a type that OpenAPI knows", fix)
        missing = [member for member in _MEMBERS[each["type"]] if member not in each]
        if missing:
            _refuse(f"the security scheme {name!r} has no {missing[0]!r}", "Add it")
        _require_json(each, f"the security scheme {name!r}")
    return schemes


def _security(
    security: Iterable[Requirement] | None, schemes: Mapping[str, Scheme]
) -> tuple[Mapping[str, list[str]], ...] | None:
    found = checked_security(security, _WHERE)
    for name in (name for each in found or () for name in each):
        if name not in schemes:
            _refuse(f"security= has {name!r}, which is no scheme", "Give it in security_schemes=")
    return found


def _tags(tags: Iterable[Tag]) -> tuple[Mapping[str, Any], ...]:
    fix = "Write such as ['artist', {'name': 'health', 'description': '...'}]"
    if isinstance(tags, (str, Mapping)) or not isinstance(tags, Iterable):
        _refuse(f"tags={tags!r} is no list", fix)
    found = tuple({"name": each} if isinstance(each, str) else each for each in tags)
    names = [each.get("name") if isinstance(each, Mapping) else None for each in found]
    for name, each in zip(names, found, strict=True):
        if not isinstance(name, str):
            _refuse(f"tags= has {each!r}, which has no name", fix)
        if names.count(name) > 1:
            _refuse(f"tags= has {name!r} twice", "Keep one of them")
        _require_json(each, f"the tag {name!r}")
    return found


def _amend(amend: Amend | None) -> Amend | None:
    if amend is not None and (not callable(amend) or inspect.iscoroutinefunction(amend)):
        _refuse(f"amend={amend!r} is no plain function", "Write `def amend(document): ...`")
    return amend


def _require_json(value: object, what: str) -> None:
    try:
        msgspec.json.encode(value)
    except (TypeError, ValueError) as error:
        _refuse(f"{what} is no JSON ({error})", "Use plain values")


def _refuse(what: str, fix: str) -> NoReturn:
    raise ImproperlyConfigured(_WHERE, what, fix)
