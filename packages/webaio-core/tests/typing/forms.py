"""What users write of forms and files; checked, and never run."""

from pathlib import Path
from typing import Annotated, assert_type

from msgspec import Struct

from webaio.parameters import File, Form
from webaio.viewsets import BaseViewSet


class Picture(File, max_size=5 * 2**20, media_types=("image/png", "image/*")):
    pass


class Upload(Struct):
    title: str
    cover: Picture
    extra: list[File] = []


class ArtistViewSet(BaseViewSet):
    async def create(self, body: Annotated[Upload, Form]) -> int:
        assert_type(body.cover, Picture)
        assert_type(await body.cover.read(), bytes)
        async for chunk in body.cover:
            assert_type(chunk, bytes)
        await body.cover.save(Path("a"))
        return body.cover.size

    async def update(
        self, id: int, title: Annotated[str, Form("t")], more: list[File], one: File | None = None
    ) -> None:
        assert_type(title, str)
        assert_type(one, File | None)
        assert_type(more[0].filename, str)


File(b"", filename="a", media_type="text/plain")
File(b"", name="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


class Odd(File, max_size="1"):  # type: ignore[arg-type]  # pyright: ignore[reportGeneralTypeIssues, reportArgumentType]
    pass
