"""What finds the faults of small values gives what the thorough way through them gives."""

import datetime
import enum
import json
import uuid
from typing import Annotated, Any, Literal, NamedTuple

import attrs
import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from webaio.exceptions import Fault
from webaio.schemas._fault import MOST_FAULTS
from webaio.schemas._json import plain
from webaio.schemas._msgspec._checks import Checks
from webaio.schemas._msgspec._schema import described
from webaio.schemas._msgspec._verdict import Verdict
from webaio.schemas._msgspec._walk import Walk


class Shade(enum.Enum):
    DARK = "dark"
    LIGHT = "light"


class Closed(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    first_name: Annotated[str, Meta(min_length=1, max_length=3)]
    born: int | None = None


class Strict(msgspec.Struct):
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


class Node(msgspec.Struct):
    value: Annotated[int, Meta(ge=0)]
    children: "list[Node]" = []
    next: "Node | None" = None


class Cat(msgspec.Struct, tag=True):
    lives: Annotated[int, Meta(lt=10)]


class Dog(msgspec.Struct, tag=True):
    name: str


class Row(msgspec.Struct, array_like=True):
    at: int
    text: str = ""


class Pair(NamedTuple):
    left: int
    right: str


@attrs.define
class Checked:
    size: int = attrs.field(validator=attrs.validators.ge(0))


class Slashed(msgspec.Struct):
    value: int = msgspec.field(name="a/b~c")


TYPES = [
    *(str, int, float, bool, None, Any, uuid.UUID, datetime.date, bytes, Shade, Pair, Row),
    *(Closed, Strict, Node, Cat, Checked, Slashed),
    Annotated[str, Meta(min_length=2, max_length=3)],
    Annotated[str, Meta(pattern="^a")],
    Annotated[int, Meta(gt=0, le=3)],
    Annotated[int, Meta(ge=2, multiple_of=2)],
    Annotated[float, Meta(gt=0.5, lt=2)],
    Annotated[float, Meta(multiple_of=0.5)],
    Literal["a", "ab"] | None,
    Literal[1, 2],
    int | str | None,
    float | uuid.UUID,
    Annotated[int, Meta(ge=3)] | list[int] | dict[str, int],
    Cat | Dog | None,
    Closed | list[Closed] | str,
    list[int],
    Annotated[list[str], Meta(min_length=1, max_length=2)],
    Annotated[dict[str, int], Meta(min_length=1, max_length=1)],
    dict[Annotated[str, Meta(max_length=1)], int],
    dict[int, str],
    set[int],
    Annotated[set[int], Meta(min_length=2)],
    tuple[int, str],
    tuple[int, ...],
    list[tuple[int, Annotated[str, Meta(title="marked")]]],
    dict[str, list[Closed | None]],
]
NAMES = st.sampled_from(
    [
        "firstName",
        "born",
        "low",
        "high",
        "value",
        "children",
        "next",
        "size",
        "a/b~c",
        "type",
        "lives",
        "name",
        "x",
        "1",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, 2, 3, -1, 9, 10, 2**53, 2**63, -(2**70)])
    | st.sampled_from([0.0, 1.0, 0.5, 1.5, 2.5, -3.0, 1e300])
    | st.sampled_from(["", "a", "ab", "abcd", "é", "Cat", "Dog", "dark", "1", "2026-11-25"])
    | st.just("c56a4180-65aa-42ec-a945-5fd21dec0538"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)


def told(annotation: Any, value: Any) -> tuple[list[Fault], list[Fault]]:
    info = described(annotation)
    verdict = Verdict(strict=True)
    return Checks(info, verdict).faults(value), Walk(verdict).faults(value, info)


@pytest.mark.parametrize("annotation", TYPES, ids=str)
@given(value=VALUES)
@example(value=0)
@example(value=3)
@example(value={"value": 0})
@example(value={"firstName": "", "born": "1", "x": 1})
@example(value={"value": -1, "children": [{"value": "a"}, 1], "next": {"next": {}}})
@example(value={"low": 2, "high": 1})
@example(value={"type": "Cat", "lives": 10})
@example(value=[{"firstName": 1}, {"firstName": "a"}, [], None])
@settings(max_examples=settings().max_examples // 2)
def test_agreement(annotation: Any, value: Any) -> None:
    soon, thorough = told(annotation, plain(json.dumps(value).encode()))
    assert soon == thorough


def test_most_faults() -> None:
    """A list of many faults is cut where the thorough way ends, between two of one object too."""
    soon, thorough = told(list[int], ["x"] * (MOST_FAULTS + 1))
    assert soon == thorough
    assert len(soon) == MOST_FAULTS
    soon, thorough = told(list[Strict], [{"high": "x"}] * (MOST_FAULTS - 1))
    assert soon == thorough
