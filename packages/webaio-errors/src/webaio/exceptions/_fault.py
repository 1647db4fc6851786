from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

Source = Literal["body", "cookie", "header", "path", "query"]
"""Where a value was sent: OpenAPI's `in`, or the body."""


@dataclass(slots=True, unsafe_hash=True)  # not frozen: that takes three times as long to make
class Fault:
    """One thing that is wrong with a value: where (RFC 6901), a code for machines, a sentence.

    `pointer` is a JSON pointer, empty for the whole value. `source` says where the value was sent:
    `body`, `query`, `header`, `cookie` or `path`; None leaves it to the request, whose body it is,
    or its query where it has no body, and for GET and HEAD. They are not checked.

    The codes of webaio-core follow JSON Schema's words: `type`, `required`, `unknown`, `format`,
    `enum`, `minimum`, `exclusive_minimum`, `maximum`, `exclusive_maximum`, `multiple_of`,
    `min_length`, `max_length`, `pattern`, `timezone`, `repeated`, and `value` for what a model's own
    validator refuses.

    >>> Fault("/tags/2", "type", "Expected str, got int", "body").problem()["in"]
    'body'
    """

    pointer: str
    code: str
    detail: str
    source: Source | None = None

    def problem(self, source: Source | None = None) -> dict[str, str]:
        """Give the member of a problem's `errors`; `source` is where it is if nobody has said.

        Without either there is no `in`.
        """
        told = {"pointer": self.pointer, "code": self.code, "detail": self.detail}
        where = self.source or source
        return told if where is None else {"in": where, **told}


def faults_in(errors: Iterable[Any]) -> tuple[Fault, ...]:
    """Give the faults among `errors`."""
    return tuple(each for each in errors if isinstance(each, Fault))


def members_of(errors: Collection[Any], source: Source | None = None) -> Collection[Any]:
    """Give `errors` as a problem has them: each fault as a member, and anything else as it is."""
    if isinstance(errors, (list, tuple)):
        return [each.problem(source) if isinstance(each, Fault) else each for each in errors]
    return errors


def pointer(*parts: str | int) -> str:
    """Write a JSON pointer (RFC 6901) to a place in a value, for a `Fault`.

    >>> pointer("tags", 2), pointer("a/b~c")
    ('/tags/2', '/a~1b~0c')
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
