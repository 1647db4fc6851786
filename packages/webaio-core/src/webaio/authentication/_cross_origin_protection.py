import re
from collections.abc import Iterable
from typing import Final

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured, PermissionDenied

from ._headers import only_header

_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.:\[\]-]+")


class CrossOriginProtection:
    """Refuses what pages of other sites let a browser send with the user's credentials.

    `origins` are the other origins whose pages may, such as `https://app.example`. Each ambient
    way to authenticate needs one:

        class ClientCertificate(BaseAuthentication):
            is_ambient = True
            cross_origin = CrossOriginProtection(origins=["https://app.example"])

    Raises `ImproperlyConfigured` for what is no origin: a path in it, `*`, `null`.
    """

    def __init__(self, origins: Iterable[str] = ()) -> None:
        self._origins = frozenset([origins] if isinstance(origins, str) else origins)
        for origin in self._origins:
            if not _ORIGIN.fullmatch(origin):
                raise ImproperlyConfigured(
                    "CrossOriginProtection",
                    f"{origin!r} is no origin",
                    "Write it as browsers do, in lower case and without a path: "
                    "https://app.example or http://localhost:5173",
                )

    def require_same_origin(self, request: web.Request) -> None:
        """Raise `PermissionDenied` for a request of another site that may change something.

        GET, HEAD and OPTIONS pass, but for those that open a WebSocket: a page may write into it.
        Else `Sec-Fetch-Site` says where the request comes from, `same-origin` or by the user alone,
        or `Origin` does: the one of this host, or one of `origins`. Who sends neither is no browser
        of today, and has no use for a browser's credentials.
        """
        if request.method in _SAFE and "Upgrade" not in request.headers:
            return
        origin = only_header(request, "Origin")
        if origin in self._origins:
            return
        site = only_header(request, "Sec-Fetch-Site")
        if site in ("same-origin", "none") or (site is None and _is_own(request, origin)):
            return
        raise PermissionDenied(
            "This request may come from another site: neither Sec-Fetch-Site nor Origin says that "
            "it does not.",
            code="cross_origin",
        )


def _is_own(request: web.Request, origin: str | None) -> bool:
    """Compare hosts only: behind a proxy, the scheme that the client uses is not known."""
    return (
        origin is not None
        and origin.partition("://")[2] == (only_header(request, "Host") or "").lower()
    )
