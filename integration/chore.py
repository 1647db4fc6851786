"""What the chores that serve have in common: they stop as at Ctrl-C, and say what is wrong."""

import os
import signal
import sys
import time
from typing import NoReturn

from integration.serving import is_free

_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


def stop_by_signals() -> None:
    """Let a signal be a `KeyboardInterrupt`, once."""
    for number in _SIGNALS:
        signal.signal(number, _stop)


def _stop(number: int, frame: object) -> NoReturn:
    """Stop as at Ctrl-C, and let nothing interrupt that."""
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt


def busy_port(port: int) -> str | None:
    """Say what to do where the port is in use, or the next one; None where both are free."""
    for each in (port, port + 1):
        if not is_free(each):
            return (
                f"Port {each} is in use (the development server takes two: {port} and "
                f"{port + 1}). Stop what listens there, or choose others: --port 9000"
            )
    return None


def serve_until_stopped() -> int:
    """Wait for Ctrl-C; 1 where what started us is gone, and nobody else would stop the server."""
    print("Ctrl-C stops it.", flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    return 1


def failed(chore: str, message: str) -> int:
    print(f"{chore}: {message}", file=sys.stderr)
    return 1
