from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any, ClassVar, Generic, Literal, TypeVar

from webaio.exceptions import ImproperlyConfigured

Result_co = TypeVar("Result_co", covariant=True)


class Answer(Generic[Result_co]):
    """A result with headers and cookies, or of a status of its own.

        async def list(self) -> Answer[Artists]:
            return Answer(ARTISTS, headers={"X-Total": "3"})

    A subclass with a `status_code` declares another status; it stands beside the others in the
    annotation, and keeps the type of its result apart from theirs:

        class NonAuthoritative(Answer[Result_co]):
            status_code = 203

        async def detail(self, id: UUID) -> Artist | NonAuthoritative[Artist]: ...

    `headers` are those that `@operation(headers=…)` declares. `Answer[None]` has no body.
    """

    status_code: ClassVar[int | None] = None
    """The status, 200 to 299; None for that of the action."""

    def __init__(self, result: Result_co, *, headers: Mapping[str, str] | None = None) -> None:
        self.result = result
        self.headers = dict(headers or {})
        self.cookies: SimpleCookie = SimpleCookie()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        status = cls.status_code
        if status is not None and (type(status) is not int or not 200 <= status <= 299):
            raise ImproperlyConfigured(
                f"{cls.__qualname__}.status_code",
                f"{status!r} is not that of a success",
                "Use one from 200 to 299, and an APIException for an error",
            )

    def set_cookie(
        self,
        name: str,
        value: str,
        *,
        max_age: int | None = None,
        domain: str | None = None,
        path: str = "/",
        secure: bool = True,
        httponly: bool = True,
        samesite: Literal["Lax", "None", "Strict"] = "Lax",
    ) -> None:
        """Set a cookie (RFC 6265), by itself for HTTPS only, and hidden from scripts.

        `max_age` is in seconds; without it the cookie goes when the browser is closed.
        Without HTTPS, as on a machine of your own, say `secure=False`. Raises
        `http.cookies.CookieError` for a name that no cookie can have, `ValueError` for such a path,
        a domain or a `samesite`.
        """
        for text in (path, domain or "", samesite):
            if not text.isprintable() or ";" in text:
                raise ValueError(f"{text!r} cannot be an attribute of a cookie")
        self.cookies[name] = value
        attributes: dict[str, Any] = {
            "max-age": max_age,
            "domain": domain,
            "path": path,
            "secure": secure,
            "httponly": httponly,
            "samesite": samesite,
        }
        for attribute, each in attributes.items():
            if each is not None:
                self.cookies[name][attribute] = each


class Created(Answer[Result_co]):
    """Something was created: 201."""

    status_code = 201


class Accepted(Answer[Result_co]):
    """It will be done later: 202."""

    status_code = 202
