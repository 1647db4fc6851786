"""Sanic: validation by hand, errors as JSON."""

from typing import Final

from sanic import HTTPResponse, NotFound, Request, Sanic, json

from benchmarks.services.artists import ARTISTS, DEFAULTS, errors_in

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
    artist = {"id": "20", **DEFAULTS, **data}
    return json(artist, status=201, headers={"Location": "/artist/20/"})


@app.patch("/artist/<id:str>/")
async def update_artist(request: Request, id: str) -> HTTPResponse:
    if id not in ARTISTS:
        raise NotFound("Artist not found")
    data = request.json
    if errors := errors_in(data, is_partial=True):
        return json({"detail": "Invalid", "errors": errors}, status=422)
    return json({**ARTISTS[id], **data})
