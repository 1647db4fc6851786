import gzip
import hashlib
from typing import Final

from aiohttp import ETag, hdrs, web

from webaio.decorators import operation

_TYPE: Final = "application/json"


class ServedDocument:
    """A document as bytes: written once, answered with an ETag, compressed for those who take it."""

    def __init__(self) -> None:
        self._plain = self._zipped = b""
        self._tag = ""

    def write(self, body: bytes) -> None:
        """Set what is answered from now on."""
        self._plain = body
        self._zipped = gzip.compress(body, mtime=0)
        self._tag = hashlib.sha256(body).hexdigest()[:32]

    @operation(include_in_schema=False)
    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Give the document, or 304 to whom has it (RFC 9110, 13.1.2)."""
        is_zipped = _takes_gzip(",".join(request.headers.getall(hdrs.ACCEPT_ENCODING, ())))
        tag = f"{self._tag}-gzip" if is_zipped else self._tag
        known = request.if_none_match or ()
        if any(each.value in (tag, "*") for each in known):
            response = web.Response(status=304)
        else:
            body = self._zipped if is_zipped else self._plain
            response = web.Response(body=body, content_type=_TYPE)
            if is_zipped:
                response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        response.etag = ETag(tag)
        response.headers[hdrs.CACHE_CONTROL] = "no-cache"
        response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
        return response


def _takes_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding takes gzip (RFC 9110, 12.5.3)."""
    for each in accepted.lower().split(","):
        coding, _, weight = each.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return weight.strip("0.") != "" or not weight
    return False
