from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from msgspec import Struct

from webaio.exceptions import ImproperlyConfigured

from ._callable import never_bare
from ._mark import has_own, mark, owners_of, record_on, require_function
from ._words import (
    Error,
    Middleware,
    Requirement,
    checked_errors,
    checked_headers,
    checked_media_types,
    checked_middlewares,
    checked_security,
    checked_size,
    checked_status,
    checked_summary,
    checked_tags,
)

_Function = TypeVar("_Function", bound=Callable[..., Any])
_OF_VIEWSETS: Final = ("deprecated", "include_in_schema", "tags")


class Operation(Struct, frozen=True):
    """What an action's signature cannot say: the words of `operation`; None for what is not said.

    It marks a function when it is called with one, or a viewset.
    """

    status: int | None = None
    errors: tuple[Error, ...] | None = None
    summary: str | None = None
    deprecated: bool | None = None
    client_max_size: int | None = None
    security: tuple[Mapping[str, list[str]], ...] | None = None
    headers: Mapping[str, Any] | None = None
    middlewares: tuple[Middleware, ...] | None = None
    consumes: tuple[str, ...] | None = None
    produces: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    include_in_schema: bool | None = None
    authentication: Any = None
    permissions: Any = None
    throttles: Any = None
    renderers: Any = None

    def __call__(self, function: _Function) -> _Function:
        """Leave the words on a function; raises `ImproperlyConfigured` where it has some already."""
        where = getattr(function, "__qualname__", repr(function))
        if isinstance(function, type) and hasattr(function, "operations"):
            require_words(self, _OF_VIEWSETS, where, "which are of one action")
        else:
            require_function(function, f"@operation, {where}")
        if has_own(function, Operation) and record_on(function, Operation) != self:
            raise ImproperlyConfigured(where, "its words are given twice", "Give them in one place")
        mark(function, self)
        return function


@never_bare
def operation(
    *,
    status: int | None = None,
    errors: Iterable[Error] | None = None,
    summary: str | None = None,
    deprecated: bool | None = None,
    client_max_size: int | None = None,
    security: Iterable[Requirement] | None = None,
    headers: Mapping[str, Any] | None = None,
    middlewares: Sequence[Middleware] | None = None,
    consumes: Iterable[str] | None = None,
    produces: Iterable[str] | None = None,
    tags: Iterable[str] | None = None,
    include_in_schema: bool | None = None,
    authentication: Sequence[Any] | None = None,
    permissions: Any = None,
    throttles: Sequence[Any] | None = None,
    renderers: Sequence[Any] | None = None,
) -> Operation:
    """Say of a typed action what its signature cannot. `action` takes the same words.

    `status` is the status of its success, 200 to 299; without it 201 for `create`, 204 for a result
    that is None, else 200. `headers` are the types of the headers that its `Answer` may have, by
    their names. `errors` are the errors that it raises by itself: statuses, subclasses of
    `APIException`, or aiohttp's. `middlewares` are aiohttp's, the first outermost, around this
    action alone. `client_max_size` is the most bytes that its body may have, in place of the
    application's limit. `authentication`, `permissions`, `throttles` and `renderers` are those of a
    viewset, for this action.

    The rest is for the document alone. `security` names the security schemes any one of which it
    needs, in place of all; none, `[]`, for everybody. `{"oauth": ["artists:read"]}` is a scheme with
    its scopes, several in one dict are needed together, and `{}` lets those in who have none.
    `consumes` are the media types of a body that it reads by itself, `produces` those of a response
    that it makes by itself; of a stream of bytes it is the one that is sent. `tags` are the groups that it stands in, in place of that of its
    viewset; `include_in_schema=False` hides it. `summary` and `deprecated` are OpenAPI's.

    On a function that an action depends on, on a hook and on a middleware, `errors` and `security`
    are what it adds, and on a middleware `headers` too. On a handler that no router made it is all
    that is for the document, and `errors`. On a viewset `tags`, `deprecated` and
    `include_in_schema` are of each action that does not say otherwise. A viewset says words of an
    action that it has from a base in `operations`.

    Raises `ImproperlyConfigured` for a word that cannot be meant, and where it is said twice.

        class ArtistViewSet(Crud[Artist]):
            operations = {"destroy": operation(errors=[409])}

            @operation(status=202, client_max_size=10 * 1024**2)
            async def create(self, body: ArtistIn) -> Artist:
                ...
    """
    return Operation(
        status=checked_status(status),
        errors=checked_errors(errors),
        summary=checked_summary(summary),
        deprecated=deprecated,
        client_max_size=checked_size(client_max_size),
        security=checked_security(security),
        headers=checked_headers(headers),
        middlewares=checked_middlewares(middlewares),
        consumes=checked_media_types("consumes", consumes),
        produces=checked_media_types("produces", produces),
        tags=checked_tags(tags),
        include_in_schema=include_in_schema,
        authentication=authentication,
        permissions=permissions,
        throttles=throttles,
        renderers=renderers,
    )


def operation_of(viewset: type, name: str) -> Operation:
    """Give the words of a viewset's action, each as the nearest class of the MRO says it.

    What a class says in its `operations` comes before what is left on its method, and what is left
    on the class comes last.
    """
    return _joined(viewset.__mro__, viewset, name)


def own_operation_of(viewset: type, name: str) -> Operation:
    """Give the words that are said where the method is defined, or below: not of what it overrides."""
    owner = next(owners_of(viewset, name))
    mro = viewset.__mro__
    return _joined(mro[: mro.index(owner) + 1], viewset, name)


def _joined(owners: Collection[type], viewset: type, name: str) -> Operation:
    beside = {*owners} - {*owners_of(viewset, name)}  # whose method is another
    said = [
        words for owner in owners for words in _said_by(owner, name, has_method=owner not in beside)
    ]
    if len(said) < 2:
        return said[0] if said else _NOTHING_SAID
    nearest = {
        word: next((each for each in found if each is not None), None)
        for word, found in _by_word(said)
    }
    return Operation(**nearest)


_NOTHING_SAID: Final = Operation()


def added_by(function: object, where: str, *allowed: str) -> Operation:
    """Give what a function adds to each operation that it is part of.

    Raises `ImproperlyConfigured` for words that are not `allowed`: they would do nothing.
    """
    words = record_on(function, Operation) or _NOTHING_SAID
    require_words(words, allowed, where)
    return words


def require_words(
    words: Operation, allowed: Collection[str], where: str, why: str = "which only an action has"
) -> None:
    """Refuse words where they would do nothing."""
    for word in Operation.__struct_fields__:
        if word not in allowed and getattr(words, word) is not None:
            raise ImproperlyConfigured(
                where,
                f"@operation says {word}= of it, {why}",
                f"Take it out; it may have {' and '.join(allowed)}",
            )


def _said_by(owner: type, name: str, *, has_method: bool) -> Iterator[Operation]:
    operations = vars(owner).get("operations") or {}
    if name in operations:
        words = operations[name]
        if not isinstance(words, Operation):
            raise ImproperlyConfigured(
                f"{owner.__qualname__}.operations",
                f"{name!r} has {words!r}",
                "Write operation(...), with the words in it",
            )
        yield words
    if has_method and (own := record_on(vars(owner)[name], Operation)) is not None:
        yield own
    if (common := record_on(owner, Operation)) is not None:
        yield common


def _by_word(said: Collection[Operation]) -> Iterator[tuple[str, list[Any]]]:
    for word in Operation.__struct_fields__:
        yield word, [getattr(each, word) for each in said]
