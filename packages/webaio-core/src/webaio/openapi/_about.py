"""What no route tells of an API."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import msgspec

from webaio.decorators._words import checked_security
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


@dataclass(frozen=True, slots=True)
class About:
    """The head of a document, and who may ask where."""

    title: str
    version: str
    description: str = ""
    servers: tuple[str, ...] = ()
    security_schemes: Mapping[str, Scheme] = field(default_factory=dict)
    security: tuple[str, ...] | None = None

    @property
    def default_security(self) -> list[dict[str, list[str]]]:
        """What an operation needs that says nothing of it: any one of these."""
        names = self.security_schemes if self.security is None else self.security
        return [{name: []} for name in names]


def about(
    title: object,
    version: object,
    description: object,
    servers: Iterable[str],
    security_schemes: Mapping[str, Scheme],
    security: Iterable[str] | None = None,
) -> About:
    """Check what is said of an API; raises `ImproperlyConfigured` for what no document can hold."""
    return About(
        title=str(title),
        version=str(version),
        description=str(description),
        servers=_servers(servers),
        security_schemes=_schemes(security_schemes),
        security=_security(security, security_schemes),
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
        try:
            msgspec.json.encode(each)
        except (TypeError, ValueError) as error:
            _refuse(f"the security scheme {name!r} is no JSON ({error})", "Use plain values")
    return schemes


def _security(
    security: Iterable[str] | None, schemes: Mapping[str, Scheme]
) -> tuple[str, ...] | None:
    names = checked_security(security, _WHERE)
    for name in names or ():
        if name not in schemes:
            _refuse(f"security= has {name!r}, which is no scheme", "Give it in security_schemes=")
    return names


def _refuse(what: str, fix: str) -> NoReturn:
    raise ImproperlyConfigured(_WHERE, what, fix)
