"""Sanic: validation by hand, errors as JSON."""

from typing import Final

from sanic import HTTPResponse, NotFound, Request, Sanic, json

from benchmarks.services.artists import ARTISTS, errors_in

app: Final = Sanic("artists")
app.config.FALLBACK_ERROR_FORMAT = "json"


@app.get("/artist/")
async def list_artists(request: Request) -> HTTPResponse:
    return json([*ARTISTS.values()])


@app.get("/artist/<id:str>/")
async def detail_artist(request: Request, id: str) -> HTTPResponse:
    if id not in ARTISTS:
        raise NotFound("Artist not found")
    return json(ARTISTS[id])


@app.post("/artist/")
async def create_artist(request: Request) -> HTTPResponse:
    data = request.json
    if errors := errors_in(data):
        return json({"detail": "Invalid", "errors": errors}, status=422)
    return json({"id": "20", **data}, status=201, headers={"Location": "/artist/20/"})
