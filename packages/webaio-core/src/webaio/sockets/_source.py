"""How a parameter of an action is its socket."""

import typing
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

from webaio.exceptions import APIException, ImproperlyConfigured
from webaio.parameters import Documentation, Inputs, Parameter, Source
from webaio.parameters._request_key import request_key
from webaio.parameters._source import Reader
from webaio.schemas import Components

TALK: Final = request_key("webaio_talk", object)


class UpgradeRequired(APIException):
    """426: it is a WebSocket, and the request does not open one (RFC 9110, 15.5.22)."""

    status_code = 426
    detail = "This is a WebSocket: open it with a handshake of version 13."
    headers: Mapping[str, str] = MappingProxyType(
        {"Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Upgrade": "websocket"}
    )


class FromTalk(Source):
    """The source of a `Socket`: the talk that the request begins."""

    def reader(self, parameter: Parameter, inputs: Inputs) -> Reader:
        """Make the function that gives the socket."""
        types_of(parameter)

        def read(request: web.Request) -> Any:
            return request[TALK]

        return read

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        return Documentation(errors=(UpgradeRequired,))


def is_socket(parameter: Parameter) -> bool:
    """Tell whether a parameter is a socket."""
    return isinstance(parameter.source, FromTalk)


def types_of(parameter: Parameter) -> tuple[Any, Any]:
    """Give the types of what comes and of what goes; raises `ImproperlyConfigured` without them."""
    types = typing.get_args(parameter.type)
    if not hasattr(typing.get_origin(parameter.type), "__source__") or len(types) != 2:
        raise ImproperlyConfigured(
            parameter.where,
            "it does not say which messages come and which go",
            f"Write such as `{parameter.name}: Socket[Question, Reply]`",
        )
    return types
