import functools
from typing import Any

from msgspec import inspect

from webaio.exceptions import Fault

from .._fault import UNREASONABLE
from ._checks import Checks
from ._verdict import Verdict
from ._walk import Walk


class Collector:
    """Finds the faults of plain values of a type, in the order of the type's fields.

    The verdict on each part is msgspec's own, but for what is plain to see; only the places to ask
    about are known here. `strict` is true for JSON, false for text, where `"5"` is an int.
    """

    def __init__(self, info: inspect.Type, *, strict: bool) -> None:
        self._info = info
        self._verdict = Verdict(strict)

    def faults(self, value: Any) -> list[Fault]:
        """Give every fault of a value that was refused; none where no part shows a reason."""
        return Walk(self._verdict).faults(value, self._info)

    def faults_of_small(self, value: Any) -> list[Fault]:
        """Give the same of a small value of JSON, sooner."""
        return self._checks.faults(value)

    @functools.cached_property
    def _checks(self) -> Checks:
        return Checks(self._info, self._verdict)

    def unreasonable(self, value: Any) -> list[Fault]:
        """Give the numbers of a good value that are infinite, or too large to be calculated with."""
        found = Walk(self._verdict, is_thorough=True).faults(value, self._info)
        return [each for each in found if each.detail == UNREASONABLE]

    def surplus(self, value: Any) -> list[Fault]:
        """Give the members of a good value that its models do not have."""
        found = Walk(self._verdict, is_thorough=True, forbids=True).faults(value, self._info)
        return [each for each in found if each.code == "unknown"]
