"""Falcon on ASGI: resources with a method for each of HTTP's, validation by hand."""

from typing import Final

import falcon
from falcon.asgi import App, Request, Response

from benchmarks.services.artists import ARTISTS, DEFAULTS, errors_in


class Artists:
    async def on_get(self, request: Request, response: Response) -> None:
        response.media = [*ARTISTS.values()]

    async def on_post(self, request: Request, response: Response) -> None:
        data = await request.get_media()
        if errors := errors_in(data):
            raise falcon.HTTPUnprocessableEntity(title="Invalid", description=", ".join(errors))
        response.status = falcon.HTTP_201
        response.location = "/artist/20/"
        response.media = {"id": "20", **DEFAULTS, **data}


class Artist:
    async def on_get(self, request: Request, response: Response, id: str) -> None:
        if id not in ARTISTS:
            raise falcon.HTTPNotFound
        response.media = ARTISTS[id]

    async def on_patch(self, request: Request, response: Response, id: str) -> None:
        if id not in ARTISTS:
            raise falcon.HTTPNotFound
        data = await request.get_media()
        if errors := errors_in(data, is_partial=True):
            raise falcon.HTTPUnprocessableEntity(title="Invalid", description=", ".join(errors))
        response.media = {**ARTISTS[id], **data}


def falcon_app() -> App:
    app = App()
    app.add_route("/artist/", Artists())
    app.add_route("/artist/{id}/", Artist())
    return app


app: Final = falcon_app()
