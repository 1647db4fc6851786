"""From the annotation of a result to what it declares."""

import functools
import operator
import types
import typing
from collections.abc import Callable, Collection
from typing import Any, Final, Never, NoReturn, Union

import msgspec
from aiohttp import web

from webaio.decorators._operation import Operation
from webaio.exceptions import ImproperlyConfigured
from webaio.parameters._annotations import unaliased
from webaio.parameters._request import is_imported_for_checkers
from webaio.parameters._schemas import schema_for
from webaio.parameters._source import REQUIRED
from webaio.schemas import Schema
from webaio.schemas._annotation import is_named_union

from ._answer import Answer
from ._results import Results
from ._streams import stream_of, streams_bytes

_NONE: Final = (None, type(None))
_MAKING: Final = (201, 202)
"""The statuses of what is, or will be, a new item."""


def results_of(
    function: Callable[..., Any],
    annotation: Any,
    unread: Results,
    words: Operation,
    where: str,
) -> Results:
    """Read what a typed action returns; `words` have the headers that an `Answer` may have.

    `unread` has the statuses, and whether it says where a new item is. Raises
    `ImproperlyConfigured` for a type that no JSON can hold, for items of an unknown type, and for two
    results of one status.
    """
    stream = stream_of(function, annotation, words.produces, where)
    if stream is not None:
        return Results(unread.status, unread.empty_status, stream=stream)
    members = _members(annotation)
    answers = [each for each in members if _answer_in(each) is not None]
    rest = [each for each in members if each not in answers]
    found = msgspec.structs.replace(
        _carried(rest, unread, where),
        answers=tuple(_of_answer(each, unread, where) for each in answers),
        makes_response=any(map(is_response, rest)),
        makes_file=any(map(is_file, rest)),
        headers={name: _header(name, each, where) for name, each in (words.headers or {}).items()},
    )
    _require_apart(found, where)
    return found


def _header(name: str, annotation: Any, where: str) -> Schema:
    where = f"{where}, header {name!r}"
    schema = schema_for(annotation, where)
    if schema.takes != "text":
        raise ImproperlyConfigured(
            where, "a header holds one text, and its type takes more", "Use such as str or int"
        )
    return schema


def is_response(annotation: Any) -> bool:
    """Tell whether a result is nothing but a response; no annotation says so too."""
    if is_imported_for_checkers(annotation, "Response"):
        return True
    if is_named_union(annotation):
        return False
    if _is_union(unaliased(annotation)):
        return all(map(is_response, _members(annotation)))
    if annotation in (REQUIRED, Never, NoReturn):
        return True
    return isinstance(annotation, type) and issubclass(annotation, web.StreamResponse)


def is_file(annotation: Any) -> bool:
    """Tell whether a result is a file that aiohttp sends."""
    if is_imported_for_checkers(annotation, "FileResponse"):
        return True
    return any(
        isinstance(each, type) and issubclass(each, web.FileResponse)
        for each in _members(annotation)
    )


def takes_media_types(annotation: Any) -> bool:
    """Tell whether `produces=` may say what is written: a response, or a stream of bytes."""
    return any(map(is_response, _members(annotation))) or streams_bytes(annotation)


def result_types_of(annotation: Any) -> list[Any]:
    """Give the types that are written as JSON, those that answers carry included."""
    found: list[Any] = []
    for each in _members(annotation):
        is_answer = _answer_in(each) is not None
        found += result_types_of(_result_in(each)) if is_answer else [each]
    return [each for each in found if each not in _NONE and not is_response(each)]


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (Union, types.UnionType)


def _members(annotation: Any) -> list[Any]:
    """Give the members of a union, those of what it names included: `type Found = Artist | None`.

    A named union of models is one.
    """
    if is_named_union(annotation):
        return [annotation]
    annotation = unaliased(annotation)
    if not _is_union(annotation):
        return [annotation]
    return [each for member in typing.get_args(annotation) for each in _members(member)]


def _carried(members: Collection[Any], unread: Results, where: str) -> Results:
    """Read what goes out as JSON, or as None."""
    json = _json(members, where)
    return Results(
        unread.status,
        unread.empty_status,
        json=json,
        has_none=any(each in _NONE for each in members),
        has_location=unread.has_location and unread.status in _MAKING and json is not None,
    )


def _json(members: Collection[Any], where: str) -> Schema | None:
    """Make the schema of what is written as JSON: neither a response, nor None alone."""
    if REQUIRED in members:
        return schema_for(Any, where)
    written = [each for each in members if not is_response(each) and each not in _NONE]
    return schema_for(functools.reduce(operator.or_, written), where) if written else None


def _of_answer(annotation: Any, unread: Results, where: str) -> tuple[type[Answer[Any]], Results]:
    """Read what an `Answer` may carry."""
    answer = _answer_in(annotation) or Answer
    own = answer.status_code
    if own is not None:
        is_item = unread.has_location and own != 202  # that may be a job, which is no item here
        unread = msgspec.structs.replace(unread, status=own, empty_status=own, has_location=is_item)
    members = _members(_result_in(annotation))
    if any(each is not REQUIRED and is_response(each) for each in members):
        raise ImproperlyConfigured(
            where, "an Answer cannot carry a response", "Write `-> web.Response`, with its headers"
        )
    return answer, _carried(members, unread, where)


def _answer_in(annotation: Any) -> type[Answer[Any]] | None:
    origin = typing.get_origin(annotation) or annotation
    return origin if isinstance(origin, type) and issubclass(origin, Answer) else None


def _result_in(annotation: Any) -> Any:
    """Give what an `Answer` is of: of `class Page(Answer[list[Model]])` too; anything where none says."""
    origin, arguments = typing.get_origin(annotation) or annotation, typing.get_args(annotation)
    if origin is Answer:
        return arguments[0] if arguments else REQUIRED
    given = dict(zip(getattr(origin, "__parameters__", ()), arguments, strict=False))
    base = next(each for each in _bases_of(origin) if _answer_in(each) is not None)
    free = getattr(base, "__parameters__", ())
    if any(each not in given for each in free):
        return REQUIRED
    return _result_in(base[tuple(given[each] for each in free)] if free else base)


def _bases_of(cls: type) -> Collection[Any]:
    """Give the bases of a class as they are written."""
    written: Collection[Any] = vars(cls).get("__orig_bases__", cls.__bases__)
    return written


def _require_apart(results: Results, where: str) -> None:
    """Refuse two results of one status: nobody could tell of which type the answer is."""
    statuses = results.statuses_with_content
    for status in statuses:
        if statuses.count(status) > 1:
            raise ImproperlyConfigured(
                where,
                f"it has two results of status {status}",
                "Write one of both types, `Answer[A | B]`, or give one a status of its own",
            )
