from __future__ import annotations  # of functions that are made for each action

from typing import Any

from aiohttp import web

from webaio.exceptions import NotFound
from webaio.schemas import Components
from webaio.schemas._fault import Refused

from ._source import Documentation, Inputs, Parameter, Reader, Source
from ._unicode import is_unicode
from ._value import require_text


class Path(Source):
    """The part of the URL that has the parameter's name; a value of another type is a 404."""

    def reader(self, parameter: Parameter, inputs: Inputs) -> Reader:
        require_text(parameter, "path")
        key, parse = parameter.name, parameter.schema.parse

        def read(request: web.Request) -> Any:
            text = request.match_info[key]
            if not (text.isascii() or is_unicode(text)):
                raise NotFound
            try:
                return parse(text)
            except Refused:
                raise NotFound from None

        return read

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        schema = parameter.schema.json_schema(components, "input")
        described = {"name": parameter.name, "in": "path", "required": True, "schema": schema}
        return Documentation((described,))
