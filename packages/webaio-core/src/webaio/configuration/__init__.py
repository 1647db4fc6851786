"""Deprecated: `ImproperlyConfigured` is in `webaio.exceptions`."""

from typing import TYPE_CHECKING

if not TYPE_CHECKING:
    import webaio.exceptions
    from webaio.schemas._moved import getattr_of

    __getattr__ = getattr_of(
        __name__, moved={"ImproperlyConfigured": webaio.exceptions.ImproperlyConfigured}
    )

__all__: list[str] = []
