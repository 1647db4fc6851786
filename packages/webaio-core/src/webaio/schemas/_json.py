"""What holds for every JSON body, whatever library reads it (RFC 8259, strictly)."""

import json
from typing import Any, Final

import msgspec

from ._fault import Malformed

DEEPEST: Final = 128
"""How deep arrays and objects may be nested. Where recursion ends by itself differs by Python."""


_SQUARE: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


def require_json_text(body: bytes) -> None:
    """Refuse, with `Malformed`, what is not UTF-8, is empty, or is nested too deep."""
    if not body:
        raise Malformed("The body is empty. Send JSON.")
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            raise Malformed("The body is not UTF-8.") from None
    if body.count(b"[") + body.count(b"{") > DEEPEST and _is_too_deep(body):
        raise Malformed(f"The JSON is nested deeper than {DEEPEST} levels.")


def names_in(value: Any) -> int:
    """Count the names in plain JSON that are different: those of the object that it is."""
    return len(value) if isinstance(value, dict) else 0


def require_unique_names(body: bytes, least: int) -> None:
    """Refuse, with `Malformed`, an object in which a name is given twice.

    The body is valid JSON with at least `least` names, all different: with no more colons than
    that, none can be there twice.
    """
    if body.count(b":") <= max(least, 1):
        return
    try:
        json.loads(body, object_pairs_hook=_unique)
    except RecursionError:
        raise Malformed("The JSON is nested too deep.") from None
    except Malformed:
        raise
    except ValueError:  # more digits than Python converts
        raise Malformed("A number is out of range.") from None


def plain(body: bytes) -> Any:
    """Decode JSON to plain Python values, as strict as the RFC and within the range of numbers."""
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError:
        raise Malformed("A number is out of range.") from None
    except (msgspec.DecodeError, RecursionError):
        raise Malformed("The body is not valid JSON.") from None


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Malformed("A name is given twice in one object.")


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
