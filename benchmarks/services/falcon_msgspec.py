"""Falcon with msgspec for JSON, as its recipe has it, encoder and decoder made once."""

from typing import Final

import falcon
import msgspec
from falcon.asgi import App
from falcon.media import JSONHandler

from benchmarks.services.falcon import falcon_app

HANDLER: Final = JSONHandler(
    dumps=msgspec.json.Encoder().encode, loads=msgspec.json.Decoder().decode
)
app: Final[App] = falcon_app()
app.req_options.media_handlers.update({falcon.MEDIA_JSON: HANDLER})
app.resp_options.media_handlers.update({falcon.MEDIA_JSON: HANDLER})
