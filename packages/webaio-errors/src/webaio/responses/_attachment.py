import re
from typing import Final
from urllib.parse import quote

_PLAIN: Final = re.compile(r"[ !#-$&-\[\]-~]*")
"""What a quoted name may have and all read alike: no quote, backslash or percent (RFC 6266, D)."""
_NOT_PLAIN: Final = re.compile(r"[^ !#-$&-\[\]-~]")
_OF_ATTRIBUTES: Final = "!#$&+-.^_`|~"
"""What RFC 8187 lets stand as it is, beside letters and digits."""


def attachment(filename: str) -> str:
    """Write the header `Content-Disposition` with which a browser saves an answer under a name.

    A name of any characters keeps them (RFC 6266, RFC 8187), and no name ends the header. What no
    UTF-8 has, such as a byte of a file's name on a disk, becomes a question mark.

        return web.FileResponse(path, headers={"Content-Disposition": attachment("Bjørk.png")})

    >>> attachment("Bjørk.png")
    'attachment; filename="Bj_rk.png"; filename*=UTF-8\\'\\'Bj%C3%B8rk.png'
    """
    if _PLAIN.fullmatch(filename):
        return f'attachment; filename="{filename}"'
    named = quote(filename, safe=_OF_ATTRIBUTES, errors="replace")
    fallback = _NOT_PLAIN.sub("_", filename)
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{named}"
