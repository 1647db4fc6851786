"""The validators that models of msgspec, dataclasses and attrs have themselves."""

import typing
from collections.abc import Callable
from typing import Any

import msgspec

from .._fault import Found, Place
from .._words import INVALID, is_unwritable, refusals_of
from ._scalars import Scalars
from ._types import types_in

Validation = Callable[[Any, Any, Place, Found], Any]
"""Gives the model that is made of good parts, or adds what its validator says of the plain value."""


def validation_of(info: Any, *, strict: bool) -> Validation | None:
    """Make the function that makes a model of good parts, and asks the model's own validator."""
    model = info.cls
    cls = typing.get_origin(model) or model
    if not (hasattr(cls, "__post_init__") or hasattr(cls, "__attrs_attrs__")):
        return None
    read = Scalars(strict=strict).reader(model)
    models = [each for each in types_in(info) if hasattr(each, "fields")]
    known = {field.encode_name for each in models for field in each.fields}
    is_silent = hasattr(cls, "__attrs_attrs__")  # the validators of attrs quote the value

    def validate(made: Any, value: Any, at: Place, found: Found) -> Any:
        try:
            is_plain = strict and made is value
            return read(value) if is_plain else convert(made, model, strict=strict)
        except Exception as error:
            if not is_refusal(error):
                raise
            cause = error.__cause__ if isinstance(error, msgspec.ValidationError) else error
            for each in refusals_of(cause, value, known):
                detail = INVALID if is_silent else each.detail
                found.add((at, each.pointer), (each.code, detail))
            return made

    return validate


def convert(value: Any, annotation: Any, *, strict: bool) -> Any:
    """Make a type of plain values, and of models that are made already."""
    return msgspec.convert(value, annotation, strict=strict, str_keys=True)


def is_refusal(error: Exception) -> bool:
    """Tell whether msgspec, or a model's own validator, refuses a value; else it is a mistake.

    A set of what has no hash is a TypeError.
    """
    refusals = (msgspec.ValidationError, AssertionError, TypeError)
    return isinstance(error, refusals) or is_unwritable(error)
