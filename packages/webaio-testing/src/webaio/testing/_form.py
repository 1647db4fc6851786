"""The form that all problems of one application have: media type, members, how JSON is written."""

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
class SentProblem:
    """A problem as it was sent, and what it answered."""

    request: str
    is_of_unknown_path: bool
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


def differences(problems: Sequence[SentProblem]) -> Iterator[str]:
    """Tell of each problem that is not like most of its application's."""
    yield from _odd(problems, lambda each: each.media_type, "its Content-Type is")
    yield from _odd(problems, lambda each: each.spelling, "its JSON is written")
    yield from _odd(problems, lambda each: _listed(each.members & _OF_ALL), "its members are")
    yield from _lacking(problems)


def _odd(
    problems: Sequence[SentProblem], aspect: Callable[[SentProblem], Hashable], words: str
) -> Iterator[str]:
    found = Counter(map(aspect, problems))
    if len(found) > 1:
        (usual, _), *_ = found.most_common(1)
        for each in problems:
            if aspect(each) != usual:
                yield f"{each.request}: {words} {aspect(each)}; that of most is {usual}"


def _lacking(problems: Sequence[SentProblem]) -> Iterator[str]:
    """Tell of problems without a member that a formatter adds: one that an unknown path's 404 has.

    No exception of the application's own is behind that one.
    """
    added = {
        name for each in problems if each.is_of_unknown_path for name in each.members - _OF_ALL
    }
    for each in problems:
        if lacking := added - each.members:
            yield f"{each.request}: it has no {_listed(lacking)}; that of an unknown path has"


def _listed(names: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
