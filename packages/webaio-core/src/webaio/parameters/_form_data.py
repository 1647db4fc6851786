import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from aiohttp import web

from webaio.exceptions import Fault, ParseError, ValidationError, pointer
from webaio.schemas._fault import below

from ._file import File
from ._request_key import request_key
from ._spool import Spool
from ._unicode import is_unicode


class FormData:
    """What was read of the form of one request: values by their keys, and faults of them.

    `is_multipart` tells that it was read in parts, and that nobody can read the body again.
    """

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}
        self.faults: dict[str, list[Any]] = {}
        self.is_read = self.is_multipart = False
        self._sent: list[tuple[str, bytes | File]] = []
        self._spools: list[Spool] = []

    def add_text(self, key: str, text: bytes) -> None:
        """Add a text, which is UTF-8; raises `ParseError` for a key that is not."""
        if not is_unicode(key):
            raise ParseError("The name of a field is not UTF-8.")
        try:
            self._add(key, text.decode(), text)
        except UnicodeDecodeError:
            self.refuse(key, "format", "Not valid UTF-8")

    def add_json(self, key: str, text: bytes, decode: Callable[[bytes], Any]) -> None:
        """Add what JSON is decoded to, or the faults of it."""
        try:
            self._add(key, decode(text), text)
        except ParseError as error:
            self.refuse(key, "format", str(error.detail).replace("The body", "The field"))
        except ValidationError as error:
            self.faults.setdefault(key, []).extend(below(pointer(key), error))

    def add_file(self, key: str, file: File) -> None:
        """Add a file that is complete."""
        self._add(key, file, file)

    def _add(self, key: str, value: Any, sent: bytes | File) -> None:
        self.values.setdefault(key, []).append(value)
        self._sent.append((key, sent))

    def refuse(self, key: str, code: str, detail: str) -> None:
        """Say what is wrong with a value, which is not added."""
        self.faults.setdefault(key, []).append(Fault(pointer(key), code, detail))

    def spool(self) -> Spool:
        """Make a place for the bytes of a file, which is closed with the form."""
        spool = Spool()
        self._spools.append(spool)
        return spool

    async def close(self) -> None:
        """Delete its files; who waits for that may be cancelled."""
        for each in self._spools:
            each.close()
        on_disk = [each for each in self._spools if each.is_on_disk]
        if on_disk:
            await asyncio.shield(asyncio.to_thread(_delete, on_disk))

    async def fingerprint(self) -> list[str | bytes]:
        """Give all that was sent, files by their digests; equal forms may have other boundaries."""
        found: list[str | bytes] = []
        for key, sent in self._sent:
            if isinstance(sent, File):
                found += [key, sent.filename, sent.media_type, await sent.digest()]
            else:
                found += [key, sent]
        return found


_FORM: Final = request_key("webaio_form", FormData)


def closing_form(
    serve: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Give each request a form, and close it when all is done, whatever happens."""

    async def serve_and_close(request: web.Request) -> web.StreamResponse:
        form = request[_FORM] = FormData()
        try:
            return await serve(request)
        finally:
            await form.close()

    return serve_and_close


def form_in(request: web.Request) -> FormData:
    """Give the form of a request whose action takes one."""
    form: FormData = request[_FORM]
    return form


async def parts_sent(request: web.Request) -> list[str | bytes] | None:
    """Give what was sent in a form of parts, which nobody can read again; None for another body."""
    form = request.get(_FORM)
    if isinstance(form, FormData) and form.is_multipart:
        return await form.fingerprint()
    return None


def _delete(spools: Iterable[Spool]) -> None:
    for each in spools:
        each.delete()
