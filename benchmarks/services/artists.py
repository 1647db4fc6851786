"""What all services store, and the validation of those whose framework has none."""

from typing import Any, Final

ARTISTS: Final[dict[str, dict[str, Any]]] = {
    str(number): {
        "id": str(number),
        "name": f"Artist {number}",
        "born": 1950,
        "tags": ["rock"],
        "albums": [{"title": f"Album {number}", "year": 1980}],
    }
    for number in range(20)
}
DEFAULTS: Final[dict[str, Any]] = {"born": None, "tags": [], "albums": []}
"""The members of an artist that a client may leave out."""


def errors_in(data: Any, *, is_partial: bool = False) -> list[str]:
    """Validate as one does by hand, a whole artist or some members of one."""
    if not isinstance(data, dict):
        return ["not an object"]
    errors = []
    if not (is_partial and "name" not in data) and not _is_text(data.get("name"), 100):
        errors.append("name")
    if not _is_number_or_null(data.get("born")):
        errors.append("born")
    tags = data.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        errors.append("tags")
    albums = data.get("albums", [])
    if not isinstance(albums, list) or not all(map(_is_album, albums)):
        errors.append("albums")
    return errors


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= longest


def _is_number_or_null(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _is_album(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_text(value.get("title"), 100)
        and _is_number_or_null(value.get("year"))
    )
