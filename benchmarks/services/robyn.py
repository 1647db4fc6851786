"""Robyn: validation by hand."""

import sys
from typing import Any, Final

from robyn import Request, Response, Robyn, jsonify
from robyn.exceptions import HTTPException

from benchmarks.services.artists import ARTISTS, DEFAULTS, errors_in

app: Final = Robyn(__file__)


@app.exception
def answer_error(error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return answer(500, {"detail": "Internal Server Error"})
    return answer(error.status_code, {"detail": error.detail})


@app.get("/artist")
async def list_artists(request: Request) -> list[dict[str, Any]]:
    return [*ARTISTS.values()]


@app.get("/artist/:id")
async def detail_artist(request: Request) -> dict[str, Any]:
    id = request.path_params["id"]
    if id not in ARTISTS:
        raise HTTPException(404, "Artist not found")
    return ARTISTS[id]


@app.post("/artist")
async def create_artist(request: Request) -> Response:
    data = request.json()
    if errors := errors_in(data):
        return answer(422, {"detail": "Invalid", "errors": errors})
    return answer(201, {"id": "20", **DEFAULTS, **data}, {"Location": "/artist/20/"})


@app.patch("/artist/:id")
async def update_artist(request: Request) -> Response:
    id = request.path_params["id"]
    if id not in ARTISTS:
        raise HTTPException(404, "Artist not found")
    data = request.json()
    if errors := errors_in(data, is_partial=True):
        return answer(422, {"detail": "Invalid", "errors": errors})
    return answer(200, {**ARTISTS[id], **data})


def answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(
        status_code=status,
        headers={"Content-Type": "application/json", **(headers or {})},
        description=jsonify(body),
    )


if __name__ == "__main__":
    app.start(host="127.0.0.1", port=int(sys.argv[1]))
