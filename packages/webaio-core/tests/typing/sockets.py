"""Type-checked by mypy and pyright, and never run: the messages of a socket."""

from dataclasses import dataclass
from typing import assert_type

from msgspec import Struct

from webaio.decorators import action
from webaio.sockets import Socket
from webaio.viewsets import BaseViewSet


class Question(Struct, tag=True):
    text: str


class Bye(Struct, tag=True):
    pass


@dataclass
class Reply:
    text: str


class ArtistViewSet(BaseViewSet):
    @action(detail=True)
    async def talk(self, id: int, socket: Socket[Question | Bye, Reply]) -> None:
        assert_type(await socket.receive(), Question | Bye)
        async for message in socket:
            assert_type(message, Question | Bye)
            await socket.send(Reply("yes"))
        await socket.send(Question("no"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        await socket.close(4000, "over")
        assert_type(await socket.close(), None)


async def say(socket: Socket[object, Reply]) -> None:
    await socket.send(Reply("to any that takes it"))


async def pass_on(socket: Socket[Question, Reply | Bye]) -> None:
    await say(socket)
