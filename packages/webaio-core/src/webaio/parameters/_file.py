import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas._binary import Binary

from ._media_type import MEDIA_TYPE
from ._source import Source
from ._spool import Spool

_ANY: Final = "application/octet-stream"


class File(Binary):
    """A file of a form, for as long as the action runs that takes it.

    `filename` and `media_type` are what the client says: a name is no path, and a type no promise.
    Above 1 MiB the bytes are on disk, and never in memory as a whole.

        async def create(self, title: Annotated[str, Form], cover: File) -> Artist: ...

    A subclass says what is taken: of more bytes than `max_size` the answer is 413, of a type that is
    none of `media_types` 422.

        class Picture(File, max_size=5 * 2**20, media_types=("image/png", "image/jpeg")):
            pass

    For a test of your own, `File(b"...", filename="a.png", media_type="image/png")`.
    """

    __slots__ = ("_spool", "filename", "media_type")
    __source__: ClassVar[Source]

    max_size: ClassVar[int | None] = None
    media_types: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(
        cls, *, max_size: int | None = None, media_types: Sequence[str] = (), **words: Any
    ) -> None:
        super().__init_subclass__(**words)
        if max_size is not None:
            cls.max_size = _checked_size(max_size, cls.__qualname__)
        if media_types:
            cls.media_types = _checked_media_types(media_types, cls.__qualname__)

    def __init__(
        self, content: bytes | Spool = b"", *, filename: str = "", media_type: str = _ANY
    ) -> None:
        self._spool = content if isinstance(content, Spool) else Spool(content)
        self.filename = filename
        self.media_type = media_type

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self._spool.size

    async def read(self) -> bytes:
        """Give all its bytes, in memory; raises `ValueError` when its action has ended."""
        return await self._spool.read()

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Give its bytes piece by piece, from the beginning; no piece is above 1 MiB."""
        return self._spool.chunks()

    async def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a new file, in a thread and piece by piece.

        The path is yours to make, and not of `filename`. Raises `FileExistsError` where there is a
        file, and what else the disk says; half a file does not stay.
        """
        await self._spool.save(Path(path))

    async def digest(self) -> bytes:
        """Give the SHA-256 of its bytes, without loading them."""
        return await self._spool.digest()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.filename!r}, {self.media_type}, {self.size} bytes>"

    @classmethod
    def binary_schema(cls) -> dict[str, Any]:
        """Describe it; of several media types the encoding of its form tells."""
        found = super().binary_schema()
        if len(cls.media_types) == 1 and "*" not in cls.media_types[0]:
            found["contentMediaType"] = cls.media_types[0]
        return found if cls.max_size is None else {**found, "maxLength": cls.max_size}


def _checked_size(max_size: object, where: str) -> int:
    if isinstance(max_size, bool) or not isinstance(max_size, int) or max_size < 1:
        raise ImproperlyConfigured(
            where, f"max_size={max_size!r} is no number of bytes", "Write such as 5 * 2**20"
        )
    return max_size


def _checked_media_types(media_types: object, where: str) -> tuple[str, ...]:
    listed = media_types if isinstance(media_types, (list, tuple)) else ()
    if not listed or not all(
        isinstance(each, str) and MEDIA_TYPE.fullmatch(each) for each in listed
    ):
        raise ImproperlyConfigured(
            where,
            f"media_types={media_types!r} are no media types",
            'Write such as ("image/png", "image/*")',
        )
    return tuple(each.lower() for each in listed)
