"""What holds for every JSON body, whatever library reads it (RFC 8259, strictly)."""

import json
import re
from typing import Any, Final

import msgspec

from webaio.exceptions import ParseError

DEEPEST: Final = 128
"""How deep arrays and objects may be nested. Where recursion ends by itself differs by Python."""


_ESCAPED_COLON: Final = re.compile(rb"u003[aA]")
_TWICE: Final = "A name is given twice in one object."
_PLACE: Final = re.compile(r"\(byte ([0-9]+)\)$")
_SQUARE: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def require_json_text(body: bytes) -> None:
    """Refuse, with `ParseError`, what is not UTF-8, is empty, or is nested too deep."""
    if not body:
        raise ParseError("The body is empty. Send JSON.")
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8.") from None
    if body.count(b"[") + body.count(b"{") > DEEPEST and _is_too_deep(body):
        raise ParseError(f"The JSON is nested deeper than {DEEPEST} levels.")


def require_unique_names(body: bytes, value: Any = msgspec.UNSET) -> None:
    """Refuse, with `ParseError`, an object in which a name is given twice.

    The body is valid JSON; `value` is what it says, as plain values, where that is known already.
    A name that comes twice is in there once, so written again it has fewer colons. Only a colon
    that is written as an escape would make up for one.
    """
    colons = body.count(b":")
    if colons < 2:
        return
    if _ESCAPED_COLON.search(body):
        _require_unique_names(body)
    elif _encode(plain(body) if value is msgspec.UNSET else value).count(b":") != colons:
        raise ParseError(_TWICE)


def _require_unique_names(body: bytes) -> None:
    """Look at each object by itself."""
    try:
        json.loads(body, object_pairs_hook=_unique)
    except RecursionError:
        raise ParseError("The JSON is nested too deep.") from None
    except ParseError:
        raise
    except ValueError:  # more digits than Python converts
        raise ParseError("A number is out of range.") from None


def plain(body: bytes) -> Any:
    """Decode JSON to plain Python values, as strict as the RFC and within the range of numbers."""
    try:
        return _decode(body)
    except msgspec.ValidationError:
        raise ParseError("A number is out of range.") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise not_json(body, error) from None


def not_json(body: bytes, error: Exception) -> ParseError:
    """Make the 400 of a body that msgspec cannot read; it says where, in characters from 1.

    The place is in msgspec's sentence; where it has none, the text ends too early.
    """
    if not isinstance(error, msgspec.DecodeError):
        return ParseError("The body is not valid JSON.")
    found = _PLACE.search(str(error))
    before = body[: int(found[1]) if found else len(body)].decode(errors="replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return ParseError(f"The body is not valid JSON: line {line}, column {column}.")


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ParseError(_TWICE)


def _is_too_deep(body: bytes) -> bool:
    """Peel the innermost brackets off, level by level, outside of strings."""
    brackets = _without_strings(body).translate(_SQUARE, _NO_BRACKETS)
    for _ in range(DEEPEST):
        peeled = brackets.replace(b"[]", b"")
        if len(peeled) == len(brackets):
            return False  # nothing is left, or it is no JSON, as the decoder will say
        brackets = peeled
    return bool(brackets)


def _without_strings(body: bytes) -> bytes:
    return b"".join(body.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')[::2])
