from aiohttp import web

from webaio.exceptions import BadRequest


def only_header(request: web.Request, name: str) -> str | None:
    """Give the value of a header; raises `BadRequest` where there are several.

    Which of them counts, a proxy may see in another way.
    """
    values = request.headers.getall(name, [])
    if len(values) > 1:
        raise BadRequest(f"The header {name} is there {len(values)} times.")
    return values[0] if values else None


def credentials_after(request: web.Request, scheme: str) -> str | None:
    """Give what follows the scheme in the header `Authorization`; None for another scheme.

    The scheme has no case (RFC 9110, 11.1). Raises `BadRequest` where the header is there twice.
    """
    found, _, credentials = (only_header(request, "Authorization") or "").partition(" ")
    return credentials.strip(" ") if found.lower() == scheme.lower() else None
