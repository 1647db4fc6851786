"""The forms in which an answer stands in the templates."""

from collections.abc import Mapping
from typing import Final

_CORE_EXTRAS: Final = {
    "": "swagger",
    "postgresql": "postgresql,swagger",
    "sqlite": "sqlalchemy,swagger",
}


def words_of(answers: Mapping[str, str]) -> dict[str, str]:
    """Give the answers, and what the templates make of them."""
    words = dict(answers)
    for name in ("project_name", "description"):
        if name in answers:
            words[f"{name}_literal"] = _literal(answers[name])
    if "project_slug" in answers:
        words["kubernetes_name"] = answers["project_slug"].replace("_", "-")
    if "database" in answers:
        words["core_extras"] = _CORE_EXTRAS[answers["database"]]
    if "resource" in answers:
        resource = answers["resource"]
        words["resource_class"] = _class_name(resource)
        words["resource_path"] = resource.replace("_", "-")
        words["resource_sentence"] = resource.replace("_", " ").capitalize()
    return words


def class_names(resource: str) -> list[str]:
    """Give the names that the templates of a resource make of its name."""
    name = _class_name(resource)
    return [
        name,
        *(f"{name}{ending}" for ending in ("DoesNotExist", "In", "List", "Out", "ViewSet")),
    ]


def _class_name(resource: str) -> str:
    return "".join(word.capitalize() for word in resource.split("_"))


def _literal(text: str) -> str:
    """Give Python's literal of a string, with the quotes that its formatters choose."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    escaped = text.replace("\\", r"\\").replace(quote, rf"\{quote}")
    return f"{quote}{escaped}{quote}"
