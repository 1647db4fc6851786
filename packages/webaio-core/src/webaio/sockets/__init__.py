"""Talks over a WebSocket (RFC 6455): an action that takes a `Socket` reads and writes messages."""

from ._socket import Socket

__all__ = ["Socket"]
