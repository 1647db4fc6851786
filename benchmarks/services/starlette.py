"""Starlette: endpoints for the methods of a URL, validation by hand."""

from typing import Final

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks.services.artists import ARTISTS, DEFAULTS, errors_in


class Artists(HTTPEndpoint):
    async def get(self, request: Request) -> JSONResponse:
        return JSONResponse([*ARTISTS.values()])

    async def post(self, request: Request) -> JSONResponse:
        try:
            data = await request.json()
        except ValueError:
            raise HTTPException(400, "Not JSON") from None
        if errors := errors_in(data):
            return JSONResponse({"detail": "Invalid", "errors": errors}, status_code=422)
        artist = {"id": "20", **DEFAULTS, **data}
        return JSONResponse(artist, status_code=201, headers={"Location": "/artist/20/"})


class Artist(HTTPEndpoint):
    async def get(self, request: Request) -> JSONResponse:
        artist = ARTISTS.get(request.path_params["id"])
        if artist is None:
            raise HTTPException(404)
        return JSONResponse(artist)

    async def patch(self, request: Request) -> JSONResponse:
        artist = ARTISTS.get(request.path_params["id"])
        if artist is None:
            raise HTTPException(404)
        try:
            data = await request.json()
        except ValueError:
            raise HTTPException(400, "Not JSON") from None
        if errors := errors_in(data, is_partial=True):
            return JSONResponse({"detail": "Invalid", "errors": errors}, status_code=422)
        return JSONResponse({**artist, **data})


app: Final = Starlette(routes=[Route("/artist/", Artists), Route("/artist/{id}/", Artist)])
