from collections.abc import AsyncGenerator
from typing import Any, Final

from aiohttp import web
from msgspec import Struct

_END: Final = object()


class Scope(Struct, eq=False):
    """What the functions gave on which one request depends, and what is to be ended after it."""

    values: dict[Any, Any] = {}
    entered: list[AsyncGenerator[Any, Any]] = []

    async def enter(self, generator: AsyncGenerator[Any, Any], *, outermost: bool = False) -> Any:
        """Run a generator to its `yield`, and give what it yields.

        What follows runs before that of the others, or, of the outermost, after it.
        """
        value = await anext(generator, _END)
        if value is _END:
            raise TypeError(f"{_name_of(generator)}: it ended without a yield")
        self.entered.insert(0 if outermost else len(self.entered), generator)
        return value

    async def end(self, response: web.StreamResponse) -> None:
        """Run what follows each `yield`, which gives the response; raises what one of them raises."""
        error = await self.leave(None, response)
        if error is not None:
            raise error

    async def leave(
        self, error: BaseException | None, response: web.StreamResponse | None = None
    ) -> BaseException | None:
        """Run what follows each `yield`, the last first, and give what ended the action at last.

        That is the exception which each sees, or what one of them raises in its place; one that a
        generator swallows goes on.
        """
        while self.entered:
            generator = self.entered.pop()
            try:
                await (generator.asend(response) if error is None else generator.athrow(error))
                await generator.aclose()
                cause, words = error, "it yields more than once"
                error = RuntimeError(f"{_name_of(generator)}: {words}")
                error.__cause__ = cause
            except StopAsyncIteration:
                continue
            except BaseException as raised:
                error = raised
        return error


def _name_of(generator: AsyncGenerator[Any, Any]) -> str:
    return getattr(generator, "__qualname__", "a dependency")
