"""What the problems of one application have in common: media type, members and spelling."""

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

_OF_ALL: Final = frozenset({"type", "title", "status", "detail", "instance", "code", "request_id"})
"""Members that a problem has or has not whatever went wrong; others are an exception's own."""
_SPELLINGS: Final[dict[str, dict[str, Any]]] = {
    "compact": {"separators": (",", ":")},
    "with spaces": {},
    "indented": {"indent": 2},
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A problem as it was sent, and what it answered."""

    request: str
    status: int
    media_type: str
    text: str
    members: frozenset[str]

    @property
    def spelling(self) -> str:
        """How its JSON is written."""
        problem: Any = json.loads(self.text)
        for name, options in _SPELLINGS.items():
            for ascii_only in (False, True):
                if json.dumps(problem, ensure_ascii=ascii_only, **options) == self.text:
                    return name
        return "in another way"


def differences(problems: Sequence[Spoken]) -> Iterator[str]:
    """Tell of each problem that is not like most of its application's."""
    yield from _odd(problems, lambda each: each.media_type, "its Content-Type is")
    yield from _odd(problems, lambda each: each.spelling, "its JSON is written")
    yield from _odd(problems, lambda each: _listed(each.members & _OF_ALL), "its members are")
    yield from _lacking(problems)


def _odd(
    problems: Sequence[Spoken], aspect: Callable[[Spoken], Hashable], words: str
) -> Iterator[str]:
    found = Counter(map(aspect, problems))
    if len(found) > 1:
        (usual, _), *_ = found.most_common(1)
        for each in problems:
            if aspect(each) != usual:
                yield f"{each.request}: {words} {aspect(each)}; that of most is {usual}"


def _lacking(problems: Sequence[Spoken]) -> Iterator[str]:
    """Tell of members that a formatter has added to some problems, and not to all.

    What only the problems of one status have, or not all of one, is those errors' own.
    """
    by_status: dict[int, list[frozenset[str]]] = {}
    for each in problems:
        by_status.setdefault(each.status, []).append(each.members - _OF_ALL)
    shared = [frozenset.intersection(*members) for members in by_status.values()]
    counts = Counter(name for members in shared for name in members)
    usual = {name for name, count in counts.items() if count > 1}
    for each in problems:
        if lacking := usual - each.members:
            yield f"{each.request}: it has no {_listed(lacking)}; others have"


def _listed(names: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
