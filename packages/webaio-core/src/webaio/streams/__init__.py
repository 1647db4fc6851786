"""What an application says of the answers that it streams: `setup`, which lets them end when it stops."""

from ._setup import setup

__all__ = ["setup"]
