from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from aiohttp import web

from webaio.authentication import BaseAuthentication
from webaio.decorators._words import Requirement
from webaio.exceptions import ImproperlyConfigured
from webaio.permissions import BasePermission
from webaio.permissions._guarded import guarding_of

from ._about import About, Amend, Tag, about
from ._document import document
from ._served_document import ServedDocument
from ._swagger import SwaggerPage

_PATH: Final = "/openapi.json"
_ABOUT: Final = web.AppKey("webaio_openapi_about", About)
_WHERE: Final = "openapi.setup"


def setup(
    app: web.Application,
    *,
    title: str = "API",
    version: str = "0.1.0",
    description: str = "",
    servers: Iterable[str] = (),
    security_schemes: Mapping[str, Mapping[str, Any]] | None = None,
    security: Iterable[Requirement] | None = None,
    tags: Iterable[Tag] = (),
    amend: Amend | None = None,
    separate_input_output_schemas: bool = True,
    swagger: bool = True,
    permission: BasePermission | None = None,
    authentication: Sequence[BaseAuthentication] = (),
) -> None:
    """Add `GET /openapi.json`, the OpenAPI 3.1 document of the application, and `GET /swagger`.

    The document tells of every route of the application and its sub-applications, and is written
    once, when the application starts: call this before or after the routes are added.

    `title`, `version` and `description` (Markdown) head the document. `servers` are the URLs of the
    API, where others than the document's own host serve it. `security_schemes` are OpenAPI's, by
    their names. `security` names those any one of which a client needs for an operation that says
    nothing of it by itself; all, unless given, and none with `[]`. `tags` are names of tags, or
    OpenAPI's Tag Objects, that come first, in this order. `amend` is a function that is given the
    whole document, a dict, and changes it in place, or returns another; the page, `document_of` and
    the command have it so. `separate_input_output_schemas=False` tells a model once where what a
    client sends and what it gets differ by nothing but what is required. `swagger=False` leaves out
    the page, which needs the extra `webaio-core[swagger]`. `permission` and `authentication` say who
    may have the document and the page, as on a viewset.

    The security schemes of what viewsets and handlers are guarded by are in the document by
    themselves.

    Raises `ImproperlyConfigured` when it is called twice for one application, for a server that is
    no URL, a scheme without a type or of no name, a tag without a name or an `amend` that is no
    plain function, and without the extra. Two operations with one id stop the start with it.

        app = web.Application()
        openapi.setup(app, title="Artists", version="1.0.0")
    """
    if _ABOUT in app:
        raise ImproperlyConfigured(
            _WHERE, "this application has its document already", "Call it once"
        )
    described = about(
        title=title,
        version=version,
        description=description,
        servers=servers,
        security_schemes=security_schemes or {},
        security=security,
        tags=tags,
        amend=amend,
        separate_input_output_schemas=separate_input_output_schemas,
    )
    guard = guarding_of(permission, authentication)
    if swagger:
        SwaggerPage(described.title, described.servers).add_to(app, guard)
    served = ServedDocument()
    app.router.add_get(_PATH, guard(served.answer))
    app[_ABOUT] = described

    async def write(app: web.Application) -> None:
        served.write(document(app, described))

    app.on_startup.append(write)


def document_of(app: web.Application) -> dict[str, Any]:
    """Give the OpenAPI document of an application, as `/openapi.json` will have it.

    The application need not run. Raises `ImproperlyConfigured` where `setup` was not called for it,
    and where two operations have one id.

        document_of(app)["paths"]["/artist/"]["get"]["operationId"]
    """
    if _ABOUT not in app:
        raise ImproperlyConfigured(
            "openapi.document_of",
            "this application has no document",
            "Call `openapi.setup(app, title=...)` where it is made",
        )
    found: dict[str, Any] = msgspec.json.decode(document(app, app[_ABOUT]))
    return found
