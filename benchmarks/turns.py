"""Requests without sockets, in turns, so that a change of the machine's speed meets all alike."""

import time
from collections.abc import Hashable, Mapping
from typing import TypeVar

from benchmarks.wire import Connection

Key = TypeVar("Key", bound=Hashable)


async def take_turns(
    asked: Mapping[Key, tuple[Connection, bytes]], turns: int, requests: int
) -> dict[Key, list[float]]:
    """Send each request again and again; give the CPU microseconds of one, turn by turn."""
    spent: dict[Key, list[float]] = {key: [] for key in asked}
    for turn in range(turns + 1):
        for key, (connection, message) in asked.items():
            used = await _one_turn(connection, message, requests)
            if turn:  # the first warms up
                spent[key].append(used)
    return spent


async def _one_turn(connection: Connection, message: bytes, requests: int) -> float:
    start = time.process_time()
    for _ in range(requests):
        await connection.ask(message)
    return (time.process_time() - start) / requests * 1e6
