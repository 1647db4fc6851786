"""The response that goes out in one write: `JSONResponse`, with a `Head` that many share.

CREATED = Head(201)

async def create(request):
    return JSONResponse(CREATED, b'{"id":1}', location="/artist/1/")

`attachment` writes the header that names a file to be saved.
"""

from ._attachment import attachment
from ._head import Head
from ._json_response import JSONResponse
from ._media_type import PROBLEM_JSON

__all__ = ["PROBLEM_JSON", "Head", "JSONResponse", "attachment"]
