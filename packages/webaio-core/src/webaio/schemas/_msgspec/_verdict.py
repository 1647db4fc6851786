import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from msgspec import inspect

from .._fault import UNREASONABLE, is_reasonable, sentence_of
from ._types import (
    annotation_of,
    choices_of,
    constraints_of,
    kind_of,
    kinds_of,
    members_of,
    unconstrained,
)

Reason = tuple[str, str]
"""The code of a fault and its sentence."""

UNKNOWN: Final[Reason] = ("unknown", "Unknown field")
_RULES: Final = {
    "gt": ("exclusive_minimum", "Must be greater than {}"),
    "ge": ("minimum", "Must be at least {}"),
    "lt": ("exclusive_maximum", "Must be less than {}"),
    "le": ("maximum", "Must be at most {}"),
    "multiple_of": ("multiple_of", "Must be a multiple of {}"),
    "min_length": ("min_length", "Must have a length of at least {}"),
    "max_length": ("max_length", "Must have a length of at most {}"),
    "pattern": ("pattern", "Must match the pattern {}"),
}
_TIMEZONE: Final = {True: "Must have a timezone", False: "Must have no timezone"}
_FORMATS: Final = {
    inspect.ByteArrayType: "base64",
    inspect.BytesType: "base64",
    inspect.DateTimeType: "date-time",
    inspect.DateType: "date",
    inspect.DecimalType: "decimal",
    inspect.MemoryViewType: "base64",
    inspect.TimeDeltaType: "duration",
    inspect.TimeType: "time",
    inspect.UUIDType: "uuid",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What msgspec is asked about values of one type, made once: types are dear to make."""

    annotation: Any
    bare: Any
    names: Any
    """A dict whose names are of the type."""
    constraints: tuple[tuple[Any, Reason], ...]
    """Each constraint as a type that has no other, with the reason of a value that breaks it."""


class Verdict:
    """Asks msgspec about one value and one type, and tells why it refuses.

    `strict` is true for JSON, false for text, where `"5"` is an int. The descriptions of types that
    it is asked about must live as long as it does.
    """

    def __init__(self, strict: bool) -> None:
        self._strict = strict
        self._questions: dict[int, Question] = {}

    def on_scalar(self, value: Any, info: inspect.Type) -> Iterator[Reason]:
        """Give the reasons why a value is not of the type; none when it is."""
        try:
            converted = self._convert(value, self._question(info).annotation)
        except msgspec.ValidationError:
            yield from self._refused(value, info)
        else:
            if not is_reasonable(converted):
                yield "format", UNREASONABLE

    def _refused(self, value: Any, info: inspect.Type) -> Iterator[Reason]:
        if choices := choices_of(info):
            yield one_of(choices)
        elif self.fits_bare(value, info):
            yield from self.on_constraints(value, info)
        elif type(info) in _FORMATS and isinstance(value, str):
            yield "format", f"Not a valid {_FORMATS[type(info)]}"
        else:
            yield self.on_type(value, info)

    def on_type(self, value: Any, info: inspect.Type) -> Reason:
        """Give the reason that the value is of another type."""
        found = f", got {kind_of(value)}" if self._strict else ""
        return "type", f"Expected {name_of(info)}{found}"

    def on_constraints(self, value: Any, info: inspect.Type) -> Iterator[Reason]:
        """Give each constraint of the type that the value breaks; what is inside is not looked at."""
        for annotation, reason in self._question(info).constraints:
            if not self._fits(value, annotation):
                yield reason

    def on_model(self, value: Any, model: Any) -> Iterator[Reason]:
        """Give what the model's own validator says of a value whose parts are good."""
        try:
            self._convert(value, model)
        except msgspec.ValidationError as error:
            yield "value", sentence_of(error.__cause__, value, model)

    def on_name(self, name: str, info: inspect.Type) -> Iterator[Reason]:
        """Give the reasons why a string cannot be a key of the type."""
        try:
            msgspec.convert({name: None}, self._question(info).names, str_keys=True)
        except msgspec.ValidationError:
            yield "format", f"The name must be {name_of(info)}"

    def near(self, value: Any, info: inspect.UnionType) -> list[inspect.Type]:
        """Give the members of a union that a scalar can have been meant for."""
        if self._strict:
            return [each for each, _ in members_of(info) if kind_of(value) in kinds_of(each)]
        return [each for each, _ in members_of(info) if not isinstance(each, inspect.NoneType)]

    def fits(self, value: Any, info: inspect.Type) -> bool:
        """Tell whether a value is of a type."""
        return self._fits(value, self._question(info).annotation)

    def fits_bare(self, value: Any, info: inspect.Type) -> bool:
        """Tell whether a value is of a type, but for the type's own constraints."""
        return self._fits(value, self._question(info).bare)

    def _question(self, info: inspect.Type) -> Question:
        question = self._questions.get(id(info))
        if question is None:
            question = self._questions[id(info)] = _question_about(info)
        return question

    def _fits(self, value: Any, annotation: Any) -> bool:
        try:
            self._convert(value, annotation)
        except (msgspec.ValidationError, TypeError):  # a set of what has no hash
            return False
        return True

    def _convert(self, value: Any, annotation: Any) -> Any:
        return msgspec.convert(value, annotation, strict=self._strict, str_keys=True)


def _question_about(info: inspect.Type) -> Question:
    bare = unconstrained(info)
    constraints = tuple(
        (Annotated[bare, msgspec.Meta(**{name: limit})], rule(name, limit))
        for name, limit in constraints_of(info).items()
    )
    annotation = annotation_of(info)
    names = types.GenericAlias(dict, (annotation, Any))
    return Question(annotation, bare, names, constraints)


def rule(name: str, limit: Any) -> Reason:
    """Give the reason of a broken constraint, by its name in `msgspec.Meta`."""
    if name == "tz":
        return "timezone", _TIMEZONE[limit]
    code, detail = _RULES[name]
    return code, detail.format(limit)


def one_of(choices: list[Any]) -> Reason:
    """Give the reason of a value that is none of the choices."""
    listed = ", ".join(json.dumps(each, default=str) for each in choices)
    return "enum", f"Must be one of {listed}" if len(choices) > 1 else f"Must be {listed}"


def name_of(info: inspect.Type) -> str:
    """Name a type as a client knows it."""
    if isinstance(info, inspect.Metadata):
        return name_of(info.type)
    if isinstance(info, inspect.UnionType):
        return " | ".join(dict.fromkeys(name_of(each) for each, _ in members_of(info)))
    if isinstance(info, inspect.IntType):
        return "int"
    if isinstance(info, inspect.FloatType):
        return "float"
    return _FORMATS.get(type(info)) or " | ".join(sorted(kinds_of(info)))


def has_validator(model: Any) -> bool:
    """Tell whether a model can refuse a value whose fields are good."""
    cls = typing.get_origin(model) or model
    return hasattr(cls, "__post_init__") or hasattr(cls, "__attrs_attrs__")
