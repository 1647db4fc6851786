"""What aiohttp answers with a file, beside the file itself."""

from collections.abc import Mapping
from typing import Any, Final

from webaio.conditions._preconditions import SAFE
from webaio.parameters._openapi import header_object

_RANGE: Final = {"Content-Range": header_object({"type": "string"})}


def with_ranges(
    found: Mapping[int, dict[str, Any]], content: Mapping[str, Any], method: str
) -> dict[int, dict[str, Any]]:
    """Add the answers for who asks for a part of a file, or for one that has changed."""
    if method not in SAFE:
        return dict(found)
    return {
        **found,
        206: {"description": "Partial Content", "content": content, "headers": _RANGE},
        304: {"description": "Not Modified"},
        412: {"description": "Precondition Failed"},
        416: {"description": "Range Not Satisfiable", "headers": _RANGE},
    }
