"""What numbers and times look like as text: in a URL, as a name of an object, as a string of JSON."""

import datetime
import decimal
import re
import uuid
from typing import Final

DECIMAL: Final = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?([0-9]{1,2}|[1-3][0-9]{2}))?$"
DURATION: Final = (
    r"^[+-]?P(?=[0-9T])([0-9]{1,8}D)?"
    r"(T(?=[0-9])([0-9]{1,8}H)?([0-9]{1,8}M)?([0-9]{1,8}(\.[0-9]{1,9})?S)?)?$"
)
"""Days, hours, minutes and seconds, with a sign: the format `duration` has years and no sign.

With more digits it can be more than Python's `timedelta` holds.
"""
DURATION_OUT: Final = r"^-?P([0-9]+D)?(T([0-9]+(\.[0-9]+)?S)?)?$"
DECIMAL_OUT: Final = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
FLOAT: Final = r"^-?(0|[1-9][0-9]{0,99})(\.[0-9]+)?([eE][+-]?([0-9]{1,2}|1[0-9]{2}))?$"
"""Nothing that is more than a float holds."""
INTEGER: Final = r"^(0|-?[1-9][0-9]*)$"
FORMS: Final[dict[type, re.Pattern[str]]] = {
    bool: re.compile(r"(?i:true|false)|1|0"),
    datetime.datetime: re.compile(r"[0-9]{4}-.*"),
    datetime.timedelta: re.compile(DURATION),
    decimal.Decimal: re.compile(DECIMAL),
    float: re.compile(FLOAT),
    int: re.compile(INTEGER),
    uuid.UUID: re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
}
"""What a text must look like: libraries also read a number as a time, and `1.0` as an int."""


def signed(pattern: str, *, is_positive: bool) -> str:
    """Give the pattern of a number, without the minus where that is never right."""
    return pattern.replace("[+-]?", "[+]?", 1).replace("-?", "") if is_positive else pattern
