"""What all services store, and the validation of those whose framework has none."""

from typing import Any, Final

ARTISTS: Final[dict[str, dict[str, Any]]] = {
    str(number): {"id": str(number), "name": f"Artist {number}", "born": 1950, "tags": ["rock"]}
    for number in range(20)
}


def errors_in(data: Any) -> list[str]:
    """Validate as one does by hand."""
    if not isinstance(data, dict):
        return ["not an object"]
    errors = []
    name, born, tags = data.get("name"), data.get("born"), data.get("tags")
    if not isinstance(name, str) or not 1 <= len(name) <= 100:
        errors.append("name")
    if born is not None and not isinstance(born, int):
        errors.append("born")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        errors.append("tags")
    return errors
