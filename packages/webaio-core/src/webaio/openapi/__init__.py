"""What an application serves, for people to read: `setup` adds the page `/swagger`."""

from ._setup import setup

__all__ = ["setup"]
