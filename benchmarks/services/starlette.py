"""Starlette: endpoints for the methods of a URL, validation by hand."""

from typing import Final

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks.services.artists import ARTISTS, errors_in


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
        return JSONResponse(
            {"id": "20", **data}, status_code=201, headers={"Location": "/artist/20/"}
        )


async def detail_artist(request: Request) -> JSONResponse:
    artist = ARTISTS.get(request.path_params["id"])
    if artist is None:
        raise HTTPException(404)
    return JSONResponse(artist)


app: Final = Starlette(routes=[Route("/artist/", Artists), Route("/artist/{id}/", detail_artist)])
