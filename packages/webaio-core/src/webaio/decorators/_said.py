"""What a viewset, its bases and its methods say of one action, or of all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from webaio.exceptions import ImproperlyConfigured

from ._mark import owners_of, record_on
from ._operation import Operation

_OTHERS: Final = "*"
_WORDS: Final = ("authentication", "permissions", "renderers", "throttles")


def said_of(viewset: type, name: str, word: str) -> tuple[str, Any] | None:
    """Find what is said of an action, and where: by its name before what is said of all.

    Of each the nearest class says it. So no class that says something of all its actions takes
    away what a base says of one of them.
    """
    return next(_by_name(viewset, name, word), None) or next(_of_all(viewset, word), None)


def is_named(viewset: type, name: str, word: str) -> bool:
    """Tell whether a word is said of an action by its name."""
    return any(_by_name(viewset, name, word))


def require_known_names(viewset: type, names: Sequence[str]) -> None:
    """Refuse words of an action that there is not: a misspelt name would guard nothing."""
    for word in _WORDS:
        for owner in viewset.__mro__:
            said = vars(owner).get(word)
            for name in said if isinstance(said, Mapping) else ():
                if name not in (*names, _OTHERS) and not hasattr(viewset, str(name)):
                    raise ImproperlyConfigured(
                        f"{owner.__qualname__}.{word}",
                        f"it has {name!r}, which is no action",
                        "Give the name of one, or '*' for all others",
                    )


def _by_name(viewset: type, name: str, word: str) -> Iterator[tuple[str, Any]]:
    with_method = [*owners_of(viewset, name)]
    for owner in viewset.__mro__:
        said = vars(owner).get(word)
        if isinstance(said, Mapping) and name in said:
            yield f"{owner.__qualname__}.{word}[{name!r}]", said[name]
        operations = vars(owner).get("operations") or {}
        marked = record_on(vars(owner)[name], Operation) if owner in with_method else None
        for words in (operations.get(name), marked):
            if words is not None and (found := getattr(words, word)) is not None:
                yield f"{owner.__qualname__}.{name}, {word}=", found


def _of_all(viewset: type, word: str) -> Iterator[tuple[str, Any]]:
    for owner in viewset.__mro__:
        said = vars(owner).get(word)
        if isinstance(said, Mapping):
            if _OTHERS in said:
                yield f"{owner.__qualname__}.{word}['*']", said[_OTHERS]
        elif said is not None:
            yield f"{owner.__qualname__}.{word}", said
