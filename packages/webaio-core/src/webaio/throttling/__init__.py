"""How often something may be done."""

from ._rate import Rate

__all__ = ["Rate"]
