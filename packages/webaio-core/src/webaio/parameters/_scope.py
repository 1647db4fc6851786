from collections.abc import AsyncGenerator
from typing import Any


class Scope:
    """What the functions gave on which one request depends, and what is to be ended after it."""

    __slots__ = ("_entered", "values")

    def __init__(self) -> None:
        self.values: dict[Any, Any] = {}
        self._entered: list[AsyncGenerator[Any, None]] = []

    async def enter(self, generator: AsyncGenerator[Any, None]) -> Any:
        """Run a generator to its `yield`, and give what it yields."""
        try:
            value = await anext(generator)
        except StopAsyncIteration:
            raise TypeError(f"{_name_of(generator)}: it ended without a yield") from None
        self._entered.append(generator)
        return value

    async def leave(self, error: BaseException | None) -> None:
        """Run what follows each `yield`, the last first; each sees the exception that ended the action.

        Raises the exception, or what is raised in its place. One that a generator swallows goes on.
        """
        while self._entered:
            generator = self._entered.pop()
            try:
                if error is None:
                    await anext(generator)
                else:
                    await generator.athrow(error)
            except StopAsyncIteration:
                continue
            except BaseException as raised:
                error = raised
            else:
                await generator.aclose()
                error = RuntimeError(f"{_name_of(generator)}: it yields more than once")
        if error is not None:
            raise error


def _name_of(generator: AsyncGenerator[Any, None]) -> str:
    return getattr(generator, "__qualname__", "a dependency")
