"""Every fault of a value, whatever it stands in, and none of what msgspec takes."""

import contextlib
import datetime
import decimal
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

from webaio.exceptions import Fault, ParseError, ValidationError
from webaio.schemas import schema_of
from webaio.schemas._fault import MOST_FAULTS, below


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
    dict[Shade, Strict],
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
    | st.sampled_from([0.5, 1.5, 2.5])
    | st.sampled_from(["", "a", "ab", "abcd", "é", "Cat", "Dog", "dark", "1", "2026-11-25"])
    | st.just("c56a4180-65aa-42ec-a945-5fd21dec0538"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)


def faults_of(annotation: Any, value: Any) -> list[Fault]:
    try:
        schema_of(annotation).decode(json.dumps(value).encode())
    except ValidationError as error:
        return [each for each in error.errors if isinstance(each, Fault)]
    return []


EXAMPLES: list[Any] = [
    *(0, 3, {"value": 0}, {"firstName": "", "born": "1", "x": 1}, {"low": 2, "high": 1}),
    {"value": -1, "children": [{"value": "a"}, 1], "next": {"next": {}}},
    *({"type": "Cat", "lives": 10}, [{"firstName": 1}, {"firstName": "a"}, [], None]),
]


@pytest.mark.parametrize("annotation", TYPES, ids=str)
@given(value=VALUES | st.sampled_from(EXAMPLES))
@settings(max_examples=settings().max_examples // 2)
def test_verdict(annotation: Any, value: Any) -> None:
    """There is a fault where msgspec refuses, and nowhere else; each pointer leads somewhere."""
    body = json.dumps(value).encode()
    faults = faults_of(annotation, value)
    try:
        msgspec.json.decode(body, type=annotation)
    except msgspec.ValidationError:
        assert faults
    else:
        assert not faults
    for each in faults:
        assert resolves(value, each)


def resolves(value: Any, fault: Fault) -> bool:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in fault.pointer.split("/")[1:]]
    for index, part in enumerate(parts):
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return fault.code == "required" and index == len(parts) - 1
    return True


@pytest.mark.parametrize("annotation", TYPES, ids=str)
@given(values=st.lists(VALUES | st.sampled_from(EXAMPLES), min_size=1, max_size=3))
@example(values=EXAMPLES)
@settings(max_examples=settings().max_examples // 4)
def test_faults_of_parts(annotation: Any, values: list[Any]) -> None:
    """A list has the faults of its items, and a member of a model those of its value, in order."""
    own = [ValidationError(errors=faults_of(annotation, each)) for each in values]
    inner: Any = annotation
    assert faults_of(list[inner], values) == [
        fault for index, each in enumerate(own) for fault in below(f"/{index}", each)
    ]
    model = msgspec.defstruct("Model", [(f"f_{index}", inner) for index in range(len(values))])
    members = {f"f_{index}": each for index, each in enumerate(values)}
    assert faults_of(model, members) == [
        fault for index, each in enumerate(own) for fault in below(f"/f_{index}", each)
    ]


def test_most_faults() -> None:
    """Many faults, and long pointers to them, are cut."""
    assert len(faults_of(list[int], ["x"] * (MOST_FAULTS + 1))) == MOST_FAULTS
    assert len(faults_of(list[Strict], [{"high": "x"}] * (MOST_FAULTS - 1))) == MOST_FAULTS
    (fault,) = faults_of(dict[str, list[int]], {200_000 * "x": ["x"] * 100})
    assert fault.code == "type"
    assert len(faults_of(dict[str, list[int]], {200 * "x": ["x"] * 100})) == 100


@pytest.mark.parametrize(
    ("annotation", "body", "value"),
    [
        (int, b"1.0", 1),
        (int, b"-0.0", 0),
        (int, b"1e22", 10**22),
        (Annotated[int, Meta(ge=1)] | None, b"1.0", 1),
        (Literal[1, 2], b"2.0", 2),
        (list[dict[str, Node]], b'[{"a": {"value": 1e0}}]', [{"a": Node(1)}]),
        (tuple[int, str], b'[1.0, "a"]', (1, "a")),
        (Pair, b'[1.0, "a"]', Pair(1, "a")),
        (Cat | Dog, b'{"type": "Cat", "lives": 9.0}', Cat(9)),
        (int | float, b"1.0", 1.0),
        (float, b"1", 1.0),
        (Any, b"1.0", 1.0),
    ],
    ids=str,
)
def test_whole_numbers(annotation: Any, body: bytes, value: Any) -> None:
    """An integer may be written as JSON Schema has it: 1.0 is one."""
    found = schema_of(annotation).decode(body)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("body", [b"1.5", b'"1"', b"true", b"1e400"])
def test_no_whole_numbers(body: bytes) -> None:
    with pytest.raises((ValidationError, ParseError)):
        schema_of(int).decode(body)


class Counted(msgspec.Struct):
    value: int
    children: "list[Counted]" = []

    def __post_init__(self) -> None:
        if self.value < 0:
            raise ValueError("It is negative")
        if self.children and self.value < max(each.value for each in self.children):
            raise ValueError("It is below its children")


def test_validators() -> None:
    """Each model's own validator is asked, where its parts are good, and sees them as they are."""
    children = [{"value": -1}, {"value": 3.0}, {"value": 1, "children": [{"value": 2}]}]
    assert [
        (each.pointer, each.detail)
        for each in faults_of(list[Counted], [{"value": 1, "children": children}, {"value": -5}])
    ] == [
        ("/0/children/0", "It is negative"),
        ("/0/children/2", "It is below its children"),
        ("/1", "It is negative"),
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "is_taken"),
    [
        ("^[a-c]+$", "abc", True),
        ("^[a-c]+$", "abc\n", False),
        (r"^(a|b$|[$])\$?$", "b", True),
        (r"^(a|b$|[$])\$?$", "a$", True),
        (r"^(a|b$|[$])\$?$", "$$", True),
        (r"^(a|b$|[$])\$?$", "a$\n", False),
        (r"a\n", "a\n", True),
    ],
)
def test_end_of_a_pattern(pattern: str, text: str, is_taken: bool) -> None:
    """A dollar is the end, as in JSON Schema; in Python a newline may follow."""
    annotation: Any = Annotated[str, Meta(pattern=pattern)]
    faults = [] if is_taken else [Fault("", "pattern", f"Must match the pattern {pattern}")]
    assert faults_of(annotation, text) == faults
    assert [each.code for each in faults_of(list[annotation | None], [text])] == [
        each.code for each in faults
    ]
    with contextlib.ExitStack() as stack:
        if not is_taken:
            stack.enter_context(pytest.raises(ValidationError))
        assert schema_of(annotation).convert(text) == text


class Price(msgspec.Struct):
    count: int
    price: decimal.Decimal


class Kept(msgspec.Struct):
    count: int
    rest: msgspec.Raw


def test_digits_beside_whole_numbers() -> None:
    """A decimal keeps its digits, and raw JSON its bytes, where an integer is written `1.0`."""
    digits = "0.1234567890123456789012345670"
    body = f'{{"a/~": [{{"count": 1.0, "price": {digits}}}], "b": {{"count": 2e0, "price": 1.10}}}}'
    found = schema_of(dict[str, list[Price] | Price]).decode(body.encode())
    assert found == {
        "a/~": [Price(1, decimal.Decimal(digits))],
        "b": Price(2, decimal.Decimal("1.10")),
    }
    assert str(found["b"].price) == "1.10"
    kept = schema_of(list[Kept]).decode(b'[{"count": 1.0, "rest": {"b":  1.0}}]')
    assert kept[0].count == 1
    assert bytes(kept[0].rest) == b'{"b":  1.0}'


def test_lengths_of_sets() -> None:
    """A set is measured with whole numbers in it, too."""
    annotation: Any = Annotated[set[int], Meta(min_length=2, max_length=2)]
    assert schema_of(annotation).decode(b"[1.0, 2]") == {1, 2}
    assert [each.code for each in faults_of(annotation, [1, 1.0])] == ["min_length"]


class Countries(enum.Enum):
    A = "a" * 1000
    B = "b" * 1000


SLOW: list[tuple[Any, bytes]] = [
    (decimal.Decimal, b'"' + b"1" * 200_000 + b'x"'),
    (dict[decimal.Decimal, int], b'{"' + b"1" * 200_000 + b'x": 1}'),
    (list[float], b"[" + b'"x", ' * 100_000 + b"1]"),
    (list[Countries], b"[" + b"1, " * 2000 + b"1]"),
    (dict[str, dict[str, int]], b'{"' + b"n" * 200_000 + b'": {"a": "", "b": "", "c": ""}}'),
]


@pytest.mark.parametrize(("annotation", "body"), SLOW, ids=lambda each: str(each)[:40])
def test_answers_are_small(annotation: Any, body: bytes) -> None:
    """No body makes an answer that is much larger, and none is looked through again and again."""
    with pytest.raises(ValidationError) as caught:
        schema_of(annotation).decode(body)
    told = sum(len(each.pointer) + len(each.detail) for each in caught.value.errors)
    assert told < 2 * len(body) + 210_000


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        *[(int | float, text) for text in ("nan", "inf", "01")],
        *[(bool | int, text) for text in ("1.0", "-0")],
        (decimal.Decimal | bool, "1e999999"),
        (decimal.Decimal | int, "nan"),
        (datetime.timedelta | bool, "1577836800"),
        (list[int | float], ["nan"]),
        (int, "\udc80"),
    ],
    ids=str,
)
def test_texts_of_several_types(annotation: Any, text: Any) -> None:
    """In a union each type keeps its form."""
    with pytest.raises(ValidationError):
        schema_of(annotation).convert(text)


@pytest.mark.parametrize(
    ("annotation", "code"),
    [
        (Annotated[str, Meta(pattern="^[0-9]$")] | None, "pattern"),
        (Annotated[str, Meta(min_length=9)] | None, "min_length"),
        (Annotated[int, Meta(ge=5)] | None, None),
        (Literal["a"] | None, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("text", ["null", "NULL"])
def test_null_as_text(annotation: Any, code: str | None, text: str) -> None:
    """It is None where there is None and no text; where there is, a fault is the text's."""
    schema = schema_of(annotation)
    if code is None:
        assert schema.convert(text) is None
        return
    with pytest.raises(ValidationError) as caught:
        schema.convert(text)
    assert [each.code for each in caught.value.errors] == [code]


class Level(enum.IntEnum):
    LOW = 0
    HIGH = 1


@pytest.mark.parametrize("annotation", [Level, Literal[0, 1, "x"]], ids=str)
def test_numbers_to_choose_from(annotation: Any) -> None:
    """As text they have one form too."""
    assert schema_of(annotation).convert("0") == 0
    for text in ("-0", "00", "0.0", "+1"):
        with pytest.raises(ValidationError):
            schema_of(annotation).convert(text)
        assert faults_of(dict[annotation, int], {text: 1})


def test_flags_have_no_sign() -> None:
    """Only the sums are taken, whatever Python makes of other numbers: `~2`, or a bit of none."""
    assert schema_of(Flags).convert("3") == Flags.A | Flags.B
    for text in ("-1", "-2", "4", "9" * 5000):
        with pytest.raises(ValidationError):
            schema_of(Flags).convert(text)
    for value in (-1, 4, 2**70, 1.5):
        assert [each.code for each in faults_of(list[Flags], [3, value])] == ["enum"]


class Flags(enum.Flag):
    A = 1
    B = 2


@pytest.mark.parametrize(
    ("annotation", "body", "value"),
    [
        (Literal[1, 2] | None, b"1.0", 1),
        (Flags | str, b"2.0", Flags.B),
    ],
    ids=str,
)
def test_whole_choices(annotation: Any, body: bytes, value: Any) -> None:
    assert schema_of(annotation).decode(body) == value
