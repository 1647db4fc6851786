from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

from multidict import CIMultiDict

from ._status import code_of, title_of

_STANDARD_MEMBERS: Final = frozenset({"type", "title", "status", "detail", "instance", "code"})


class APIException(Exception):
    """An error that is an answer: the base of all, and a 500 itself.

    A subclass sets what differs. `code` and `detail` follow from a new `status_code` unless they
    are set too, and `title` is the status's name.

        class ArtistDoesNotExist(APIException):
            status_code = 404
            detail = "Artist does not exist"

        raise ArtistDoesNotExist()
        raise ArtistDoesNotExist("It was deleted", code="deleted", deleted_by="Gustavo")

    `detail` is the sentence for people, `code` the word for machines. `headers` are added to the
    answer. Other keywords are extension members of the problem (RFC 9457, 3.2).

    Raises `TypeError` for a `detail` that is not a string and for a member named like a standard
    one, and, when the class is made, for a `status_code` that is not an error's: a whole number
    from 400 to 599.
    """

    status_code: ClassVar[int] = 500
    type: ClassVar[str] = "about:blank"
    title: ClassVar[str] = "Internal Server Error"
    code: str = "error"
    detail: str = "A server error occurred."
    headers: Mapping[str, str] = MappingProxyType({})
    members: Mapping[str, Any] = MappingProxyType({})

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        _require_error_status(cls.__qualname__, cls.status_code)
        base = next(each for each in cls.__mro__[1:] if issubclass(each, APIException))
        if cls.status_code == base.status_code:
            return
        if cls.title is base.title:
            cls.title = title_of(cls.status_code)
        if cls.code is base.code:
            cls.code = code_of(cls.status_code)
        if cls.detail is base.detail:
            cls.detail = f"{cls.title}."

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        if detail is not None or self.args:
            super().__init__(*(() if detail is None else (detail,)))
        if detail is not None and not isinstance(detail, str):
            raise TypeError(
                f"{type(self).__qualname__}: the detail {detail!r} is not a string. "
                "Give one sentence, and the rest as extension members, such as errors=[…]."
            )
        if members and (taken := _STANDARD_MEMBERS & members.keys()):
            raise TypeError(
                f"{type(self).__qualname__}: {', '.join(sorted(taken))} cannot be an extension "
                f"member, it is a standard one. Set it on the class, or choose another name."
            )
        if detail is not None:
            self.detail = detail
        if code is not None:
            self.code = code
        if headers is not None:
            self.headers = merged(self.headers, headers)
        self.members = members

    def __str__(self) -> str:
        return str(self.detail)

    def problem(self) -> dict[str, Any]:
        """Give the problem details of RFC 9457, without the members that only a request can tell.

        >>> APIException().problem()["title"]
        'Internal Server Error'
        """
        return {
            "type": self.type,
            "title": self.title,
            "status": int(self.status_code),
            "detail": str(self.detail),
            "code": self.code,
            **self.members,
        }


def merged(*sources: Mapping[str, str]) -> CIMultiDict[str]:
    """Join headers, whose names have no case; a later source wins."""
    headers: CIMultiDict[str] = CIMultiDict()
    for source in sources:
        headers.update(source)
    return headers


def _require_error_status(name: str, status: object) -> None:
    if not isinstance(status, int) or not 400 <= status <= 599:
        raise TypeError(
            f"{name}: status_code = {status!r} is not an error's. Use a whole number from 400 to 599."
        )
