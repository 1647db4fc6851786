"""What a viewset says of the version of an item."""

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from webaio.decorators._callable import signature
from webaio.exceptions import ImproperlyConfigured

from ._entity_tags import opaque_tag

Read = Callable[[Any], Any]
State = tuple[str | None, datetime | None]
"""The tag of an item, and the time of its last change."""


class Version(Struct, frozen=True):
    """How the version of an item is read, and the time of its last change; None where not at all."""

    where: str
    etag: Read | None
    last_modified: Read | None

    def state_of(self, item: Any) -> State:
        """Give the tag of an item, and its time; None for what it does not have.

        Raises `TypeError` for what can be neither.
        """
        version = None if self.etag is None else self.etag(item)
        modified = None if self.last_modified is None else self.last_modified(item)
        if modified is not None and getattr(modified, "tzinfo", None) is None:
            raise TypeError(f"{self.where}.last_modified: {modified!r} is no time with a timezone")
        return None if version is None else opaque_tag(version), modified

    def state_of_loaded(self, item: Any) -> State:
        """Do the same of an item that was loaded; raises `TypeError` for one without a version."""
        tag, modified = self.state_of(item)
        if self.etag is not None and tag is None:
            raise TypeError(f"{self.where}.get_object gave {item!r}, which has no version")
        return tag, modified


def version_of(viewset: Any) -> Version | None:
    """Give what a viewset says; raises `ImproperlyConfigured` for what cannot be meant."""
    where = viewset.__qualname__
    etag = _reader(viewset.etag, f"{where}.etag")
    last_modified = _reader(viewset.last_modified, f"{where}.last_modified")
    if etag is None and last_modified is None:
        return None
    return Version(where, etag, last_modified)


def _reader(said: Any, where: str) -> Read | None:
    if said is None:
        return None
    if isinstance(said, str) and said:
        return _member(said)
    if not callable(said) or inspect.iscoroutinefunction(said):
        raise ImproperlyConfigured(
            where, f"{said!r} is no name of a member", "Write such as 'version'"
        )
    try:
        signature(said).bind(None)
    except TypeError as error:
        raise ImproperlyConfigured(
            where, f"it cannot be called with an item ({error})", "Take the item, and not `self`"
        ) from error
    read: Read = said
    return read


def _member(name: str) -> Read:
    def read(item: Any) -> Any:
        found = getattr(item, name, None)
        return item.get(name) if found is None and isinstance(item, Mapping) else found

    return read
