"""The error that every mistake of a programmer raises at start: `ImproperlyConfigured`."""

from ._improperly_configured import ImproperlyConfigured

__all__ = ["ImproperlyConfigured"]
