"""What `webaio.schemas.Invalid` was, for one more release: it took its faults as an argument."""

import warnings
from collections.abc import Iterable
from typing import Any

from ._fault import Fault, faults_in


def faults_given_first(detail: object) -> tuple[Fault, ...] | None:
    """Give the faults that stand where the detail belongs, with a warning; None for anything else."""
    if isinstance(detail, str) or not isinstance(detail, Iterable):
        return None
    return _warned(detail)


def faults_given_by_name(members: dict[str, Any]) -> tuple[Fault, ...] | None:
    """Take the faults out that are given as `faults`; None where there are none."""
    faults = members.get("faults")
    if not isinstance(faults, Iterable) or (found := _warned(faults)) is None:
        return None
    del members["faults"]
    return found


def _warned(given: Iterable[object]) -> tuple[Fault, ...] | None:
    every = tuple(given)
    found = faults_in(every)
    if not found or len(found) != len(every):
        return None
    warn_of("Invalid([...])", "ValidationError(errors=[...])", stacklevel=5)
    return found


def warn_of(old: str, new: str, *, stacklevel: int = 3) -> None:
    """Warn whoever uses a name that is gone with the next release."""
    warnings.warn(f"{old} is deprecated: use {new}", DeprecationWarning, stacklevel=stacklevel)
