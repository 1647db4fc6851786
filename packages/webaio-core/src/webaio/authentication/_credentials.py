"""Which of several ways a request names who asks."""

from collections.abc import Callable, Sequence

from aiohttp import web

from webaio.exceptions import BadRequest, ImproperlyConfigured

from ._base_authentication import BaseAuthentication

Sent = tuple[BaseAuthentication, str]
"""A way to authenticate, and the credentials of that kind which a request has."""


def finder_of(ways: Sequence[BaseAuthentication]) -> Callable[[web.Request], Sent | None]:
    """Make the function that finds the credentials of a request.

    What a browser sends by itself counts where nothing was sent on purpose, and where the page that
    made it do so may. The function raises `BadRequest` where two were: it is not known which of
    them counts; and `PermissionDenied` for a request of another site.

    Raises `ImproperlyConfigured` for an ambient way that says nothing of other sites.
    """
    purposeful = [each for each in ways if not each.is_ambient]
    ambient = [each for each in ways if each.is_ambient]
    for way in ambient:
        if way.cross_origin is None:
            raise ImproperlyConfigured(
                type(way).__qualname__,
                "a browser sends it by itself, for pages of other sites too",
                "Give it cross_origin = CrossOriginProtection()",
            )

    def find(request: web.Request) -> Sent | None:
        for kind in (purposeful, ambient):
            found: Sent | None = None
            for way in kind:
                credentials = way.credentials(request)
                if credentials is None:
                    continue
                if found is not None:
                    names = f"{found[0].scheme_name} and {way.scheme_name}"
                    raise BadRequest(f"There are credentials of two kinds, {names}.")
                found = way, credentials
            if found is not None:
                if found[0].cross_origin is not None:
                    found[0].cross_origin.require_same_origin(request)
                return found
        return None

    return find
