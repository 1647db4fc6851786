"""What `webaio.schemas.Invalid` was, for one more release: it took its faults as an argument."""

import warnings
from collections.abc import Iterable

from ._fault import Fault


def faults_given_first(detail: object) -> tuple[Fault, ...] | None:
    """Give the faults that stand where the detail belongs, with a warning; None for anything else."""
    if isinstance(detail, str) or not isinstance(detail, Iterable):
        return None
    given = tuple(detail)
    if not all(isinstance(each, Fault) for each in given):
        return None
    warn_of("Invalid([...])", "ValidationError(errors=[...])", stacklevel=4)
    return given


def warn_of(old: str, new: str, *, stacklevel: int = 3) -> None:
    """Warn whoever uses a name that is gone with the next release."""
    warnings.warn(f"{old} is deprecated: use {new}", DeprecationWarning, stacklevel=stacklevel)
