"""Forms as they are sent: what is not a file is text there, and a wrong type may be none."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def is_sendable(case: Any) -> bool:
    """Tell whether aiohttp takes the names of a form: in a part's head no control may stand."""
    if case.media_type != "multipart/form-data" or not isinstance(case.body, dict):
        return True
    return not any(_CONTROLS.search(name) for name in case.body)


def fits_as_sent(case: Any, document: Mapping[str, Any]) -> bool:
    """Tell whether a form fits its schema as text, though its values do not: `false` is a text.

    schemathesis 4.32 tells that too, but of no form with a file.
    """
    import jsonschema_rs

    if case.media_type not in _FORMS or not isinstance(case.body, dict):
        return False
    operation = document["paths"][case.operation.path][case.operation.method.lower()]
    schema = operation["requestBody"]["content"][case.media_type]["schema"]
    components = {"components": document.get("components", {})}
    sent: dict[str, Any] = {}
    for name, value in case.body.items():
        if value == []:
            continue  # no part is sent
        validator = jsonschema_rs.validator_for(
            {**schema.get("properties", {}).get(name, {}), **components}
        )
        for reading in _readings(value):
            sent[name] = reading
            if validator.is_valid(reading):
                break
    return bool(jsonschema_rs.validator_for({**schema, **components}).is_valid(sent))


def _readings(value: Any) -> Iterator[Any]:
    """Give what a server may read: the value, its text, what JSON that is, or a list of one."""
    texts = [_text(each) for each in value] if isinstance(value, list) else [_text(value)]
    parsed = [_parsed(each) for each in texts]
    yield from (texts, parsed)
    if len(texts) == 1:
        yield from (texts[0], parsed[0])


def _text(value: Any) -> str:
    content = getattr(value, "data", value)  # of schemathesis's Binary
    if isinstance(content, bytes):
        return content.decode("latin-1")
    return content if isinstance(content, str) else json.dumps(content)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
