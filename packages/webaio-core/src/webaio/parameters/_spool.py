import asyncio
import contextlib
import tempfile
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

_MOST_IN_MEMORY: Final = 2**20
"""Bytes of one file; more are on disk, and go there in pieces of this size."""
_CHUNK: Final = 2**18


class Spool:
    """Bytes that stay in memory while they are few, and are on disk beyond, in a file without a name.

    What touches the disk runs in a thread, one at a time.
    """

    __slots__ = ("_file", "_lock", "_memory", "is_closed", "is_on_disk", "size")

    def __init__(self, content: bytes = b"") -> None:
        self.size = len(content)
        self.is_closed = self.is_on_disk = False
        self._memory = bytearray(content)  # and no list of pieces: a client may send tiny ones
        self._file: BinaryIO | None = None
        self._lock = threading.Lock()

    async def write(self, chunk: bytes) -> None:
        """Add bytes at the end."""
        self._memory += chunk
        self.size += len(chunk)
        if len(self._memory) > _MOST_IN_MEMORY:
            await self._to_disk()

    async def finish(self) -> None:
        """Let all be in one place, once no more is written."""
        if self.is_on_disk and self._memory:
            await self._to_disk()

    def close(self) -> None:
        """Let nothing be read any more. What is on disk is deleted by `delete`, in a thread."""
        self.is_closed = True
        self._memory = bytearray()

    def delete(self) -> None:
        """Delete what is on disk, when nobody reads or writes it any more."""
        with self._lock:
            if self._file is not None:
                with contextlib.suppress(OSError):  # a full disk, of bytes that nobody wants now
                    self._file.close()

    async def read(self) -> bytes:
        """Give all the bytes."""
        self._require_open()
        if not self.is_on_disk:
            return bytes(self._memory)
        return await asyncio.to_thread(self._read, 0, self.size)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the bytes piece by piece."""
        position = 0
        self._require_open()
        while self.is_on_disk and position < self.size:
            chunk = await asyncio.to_thread(self._read, position, _CHUNK)
            position += len(chunk)
            yield chunk
        memory = self._memory
        for position in range(0, len(memory), _CHUNK):
            yield bytes(memory[position : position + _CHUNK])

    async def save(self, path: Path) -> None:
        """Write the bytes to a new file; raises `FileExistsError` where there is one."""
        self._require_open()
        await asyncio.to_thread(self._save, path)

    async def digest(self) -> bytes:
        """Give the SHA-256 of the bytes."""
        self._require_open()
        return await asyncio.to_thread(self._digest)

    async def _to_disk(self) -> None:
        memory, self._memory = self._memory, bytearray()
        self.is_on_disk = True
        await asyncio.to_thread(self._append, memory)

    def _append(self, content: bytearray) -> None:
        with self._lock:
            if self.is_closed:  # the request was cancelled meanwhile
                return
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  # `delete` closes it
            self._file.write(content)

    def _read(self, position: int, size: int) -> bytes:
        with self._lock:
            file = self._opened(position)
            return file.read(size)

    def _save(self, path: Path) -> None:
        with self._lock:
            pieces = self._pieces()
            with path.open("xb") as target:
                try:
                    target.writelines(pieces)
                except BaseException:
                    path.unlink()
                    raise

    def _digest(self) -> bytes:
        digest = sha256()
        with self._lock:
            for piece in self._pieces():
                digest.update(piece)
        return digest.digest()

    def _pieces(self) -> Iterable[bytes | bytearray]:
        memory = self._memory
        self._require_open()  # afterwards: the loop may close it between two lines of a thread
        return [memory] if self._file is None else _pieces_of(self._opened(0))

    def _opened(self, position: int) -> BinaryIO:
        self._require_open()
        if self._file is None:  # whoever reads it while it is written
            raise ValueError("The file is not complete.")
        self._file.seek(position)
        return self._file

    def _require_open(self) -> None:
        if self.is_closed:
            raise ValueError("The file is closed: it lasts as long as its action. Save it there.")


def _pieces_of(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
