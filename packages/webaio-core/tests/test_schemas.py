"""What a schema says of JSON: the same for msgspec's models and pydantic's."""

import contextlib
import dataclasses
import datetime
import decimal
import enum
import gc
import json
import uuid
from collections.abc import Callable
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, TypedDict, TypeVar

import attrs
import msgspec
import pydantic
import pytest
from msgspec import Meta

from webaio.exceptions import Fault, ParseError, ValidationError, pointer
from webaio.schemas import Schema, Unsupported, schema_of
from webaio.schemas._fault import Refused

Item = TypeVar("Item")


class Genre(enum.Enum):
    ROCK = "rock"
    TANGO = "tango"


class Rank(enum.IntEnum):
    FIRST = 1


class CoverStruct(msgspec.Struct, forbid_unknown_fields=True):
    url: Annotated[str, Meta(min_length=3, pattern="^h")]
    width: Annotated[int, Meta(gt=0, multiple_of=2)] | None = None


class SoloStruct(msgspec.Struct, tag_field="kind", tag="solo"):
    voice: str


class BandStruct(msgspec.Struct, tag_field="kind", tag="band"):
    members: Annotated[int, Meta(ge=2)]


class ArtistStruct(msgspec.Struct, rename={"born_on": "bornOn"}):
    name: Annotated[str, Meta(min_length=1, max_length=5)]
    tags: Annotated[list[Annotated[str, Meta(max_length=3)]], Meta(max_length=2)] = []
    born_on: datetime.date | None = None
    genre: Genre = Genre.ROCK
    form: Literal["a", "b"] = "a"
    cover: CoverStruct | None = None
    covers: dict[int, CoverStruct] = {}
    lineup: SoloStruct | BandStruct | None = None
    score: Annotated[float, Meta(lt=10, ge=0)] = 0
    price: decimal.Decimal = decimal.Decimal(0)
    key: uuid.UUID | None = None
    at: Annotated[datetime.datetime, Meta(tz=True)] | None = None
    pair: tuple[int, str] = (0, "")
    start: int = 0
    end: int = 0

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("The end is before the start")


class CoverModel(pydantic.BaseModel, extra="forbid", strict=True):
    url: Annotated[str, pydantic.Field(min_length=3, pattern="^h")]
    width: Annotated[int, pydantic.Field(gt=0, multiple_of=2)] | None = None


class SoloModel(pydantic.BaseModel):
    kind: Literal["solo"]
    voice: str


class BandModel(pydantic.BaseModel):
    kind: Literal["band"]
    members: Annotated[int, pydantic.Field(ge=2)]


class ArtistModel(pydantic.BaseModel, strict=True):
    name: Annotated[str, pydantic.Field(min_length=1, max_length=5)]
    tags: Annotated[
        list[Annotated[str, pydantic.Field(max_length=3)]], pydantic.Field(max_length=2)
    ] = []
    born_on: datetime.date | None = pydantic.Field(None, alias="bornOn")
    genre: Genre = Genre.ROCK
    form: Literal["a", "b"] = "a"
    cover: CoverModel | None = None
    covers: dict[int, CoverModel] = {}
    lineup: Annotated[SoloModel | BandModel, pydantic.Discriminator("kind")] | None = None
    score: Annotated[float, pydantic.Field(lt=10, ge=0)] = 0
    price: decimal.Decimal = decimal.Decimal(0)
    key: uuid.UUID | None = None
    at: pydantic.AwareDatetime | None = None
    pair: tuple[int, str] = (0, "")
    start: int = 0
    end: int = 0

    @pydantic.model_validator(mode="after")
    def check(self) -> "ArtistModel":
        if self.end < self.start:
            raise ValueError("The end is before the start")
        return self


LIBRARIES = pytest.mark.parametrize("artist", [ArtistStruct, ArtistModel])

FAULTS: dict[str, tuple[Any, set[tuple[str, str]]]] = {
    "no object": ([], {("", "type")}),
    "nothing there": ({}, {("/name", "required")}),
    "a type": ({"name": 1}, {("/name", "type")}),
    "a null": ({"name": None}, {("/name", "type")}),
    "too short": ({"name": ""}, {("/name", "min_length")}),
    "too long": ({"name": "Cerati"}, {("/name", "max_length")}),
    "in a list": (
        {"name": "a", "tags": ["rock", 1]},
        {("/tags/0", "max_length"), ("/tags/1", "type")},
    ),
    "a long list": ({"name": "a", "tags": ["a", "b", "c"]}, {("/tags", "max_length")}),
    "a format": ({"name": "a", "bornOn": "x"}, {("/bornOn", "format")}),
    "an impossible day": ({"name": "a", "bornOn": "2026-02-30"}, {("/bornOn", "format")}),
    "a uuid": ({"name": "a", "key": "x"}, {("/key", "format")}),
    "an enum": ({"name": "a", "genre": "x"}, {("/genre", "enum")}),
    "a literal": ({"name": "a", "form": "c"}, {("/form", "enum")}),
    "a nested model": ({"name": "a", "cover": {}}, {("/cover/url", "required")}),
    "an unknown field": (
        {"name": "a", "cover": {"url": "http", "x": 1}},
        {("/cover/x", "unknown")},
    ),
    "a pattern": ({"name": "a", "cover": {"url": "ftp"}}, {("/cover/url", "pattern")}),
    "a bound": (
        {"name": "a", "cover": {"url": "http", "width": 0}},
        {("/cover/width", "exclusive_minimum")},
    ),
    "a multiple": (
        {"name": "a", "cover": {"url": "http", "width": 3}},
        {("/cover/width", "multiple_of")},
    ),
    "a dict": ({"name": "a", "covers": {"1": {}}}, {("/covers/1/url", "required")}),
    "a name in a dict": (
        {"name": "a", "covers": {"x": {"url": "http"}}},
        {("/covers/x", "format")},
    ),
    "no tag": ({"name": "a", "lineup": {}}, {("/lineup/kind", "required")}),
    "a wrong tag": ({"name": "a", "lineup": {"kind": "duo"}}, {("/lineup/kind", "enum")}),
    "a tagged model": (
        {"name": "a", "lineup": {"kind": "band", "members": 1}},
        {("/lineup/members", "minimum")},
    ),
    "a float": ({"name": "a", "score": 10}, {("/score", "exclusive_maximum")}),
    "an infinite decimal": ({"name": "a", "price": "NaN"}, {("/price", "format")}),
    "no timezone": ({"name": "a", "at": "2026-01-01T00:00:00"}, {("/at", "timezone")}),
    "a validator": ({"name": "a", "start": 2, "end": 1}, {("", "value")}),
    "a tuple": ({"name": "a", "pair": ["x", 1]}, {("/pair/0", "type"), ("/pair/1", "type")}),
    "all at once": (
        {"tags": [1], "cover": {"url": ""}, "covers": {"1": {"url": "ftp"}}, "score": -1},
        {
            ("/name", "required"),
            ("/tags/0", "type"),
            ("/cover/url", "min_length"),
            ("/covers/1/url", "pattern"),
            ("/score", "minimum"),
        },
    ),
}


def faults_of(annotation: Any, body: bytes) -> tuple[Fault, ...]:
    with pytest.raises(ValidationError) as caught:
        schema_of(annotation).decode(body)
    return tuple(caught.value.errors)


@LIBRARIES
@pytest.mark.parametrize(("value", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_faults(artist: type, value: Any, expected: set[tuple[str, str]]) -> None:
    """Every fault is found, at its place and with its code; both libraries agree."""
    found = faults_of(artist, json.dumps(value).encode())
    assert {(each.pointer, each.code) for each in found} >= expected
    assert {each.pointer for each in found} == {where for where, _ in expected}
    assert all(each.detail for each in found)


@LIBRARIES
def test_good_values(artist: type) -> None:
    """What fits is read."""
    value = {
        "name": "Gus",
        "tags": ["a"],
        "bornOn": "1959-08-11",
        "genre": "tango",
        "cover": {"url": "http", "width": 2},
        "covers": {"1": {"url": "http"}},
        "lineup": {"kind": "solo", "voice": "tenor"},
        "price": "1.10",
        "pair": [1, "a"],
    }
    read = schema_of(artist).decode(json.dumps(value).encode())
    assert read.born_on == datetime.date(1959, 8, 11)
    assert read.genre is Genre.TANGO
    assert read.covers[1].url == "http"
    assert read.lineup.voice == "tenor"
    assert read.price == decimal.Decimal("1.10")
    assert read.pair == (1, "a")


SECRET = "kwijibo"


@LIBRARIES
def test_values_are_not_echoed(artist: type) -> None:
    """No sentence holds what the client sent."""
    value = {
        "name": SECRET,
        "bornOn": SECRET,
        "genre": SECRET,
        "form": SECRET,
        "cover": {"url": SECRET, "width": SECRET},
        "lineup": {"kind": SECRET},
        "score": SECRET,
        "price": SECRET,
        "key": SECRET,
        "at": SECRET,
        "pair": SECRET,
    }
    found = faults_of(artist, json.dumps(value).encode())
    assert len(found) >= len(value)
    assert not [each for each in found if SECRET in each.detail]


@LIBRARIES
@pytest.mark.parametrize(
    "body",
    {
        "nothing": b"",
        "no JSON": b"{",
        "Python": b"{'name': 'a'}",
        "trailing": b'{"name": "a"} x',
        "a comma": b'{"name": "a",}',
        "NaN": b'{"name": "a", "score": NaN}',
        "Infinity": b'{"name": "a", "score": -Infinity}',
        "an infinite number": b'{"name": "a", "score": 1e400}',
        "an endless number": b'{"name": "a", "start": ' + b"9" * 5000 + b"}",
        "a number beyond reason": b'{"name": "a", "price": 1e99999}',
        "a name twice": b'{"name": "a", "name": "b"}',
        "a name twice inside": b'{"name": "a", "cover": {"url": "http", "url": "http"}}',
        "a name twice with an escape": b'{"name": "a", "n\\u0061me": "b"}',
        "an unknown name twice": b'{"name": "a", "x": 1, "x": 2}',
        "a name twice and a fault": b'{"name": 1, "name": 2}',
        "a fault and no JSON": b'{"name": 1, ',
        "nesting": b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "nesting behind a backslash": b'{"name": "\\\\", "x": ' + b"[" * 200 + b"]" * 200 + b"}",
        "nesting without an end": b"[" * 100_000,
        "nesting of both": b'{"name": "a", "x": ' + b'[{"a":' * 200 + b"1" + b"}]" * 200 + b"}",
        "not UTF-8": b'{"name": "\xff"}',
        "not UTF-8 in what is skipped": b'{"name": "a", "x": "\xff"}',
        "a surrogate": b'{"name": "\\ud800"}',
        "a surrogate as bytes": b'{"name": "\xed\xa0\x80"}',
        "a byte order mark": b'\xef\xbb\xbf{"name": "a"}',
        "UTF-16": '{"name": "a"}'.encode("utf-16"),
        "a control character": b'{"name": "\x01"}',
    }.values(),
    ids=lambda body: repr(body[:30]),
)
def test_malformed(artist: type, body: bytes) -> None:
    """What is no JSON, or none that can be read safely, is malformed and not invalid."""
    with pytest.raises(ParseError):
        schema_of(artist).decode(body)


@LIBRARIES
def test_nesting_that_is_none(artist: type) -> None:
    """Brackets in a string do not nest, nor do many side by side."""
    strings = json.dumps({"name": "a", "x": '[{\\"' * 500, "y": [[]] * 500}).encode()
    assert schema_of(artist).decode(strings).name == "a"


def test_deepest() -> None:
    """128 levels are read, 129 are not, whatever the Python."""
    schema = schema_of(Any)
    assert schema.decode(b"[" * 128 + b"]" * 128)
    with pytest.raises(ParseError, match="128 levels"):
        schema.decode(b"[" * 129 + b"]" * 129)
    with pytest.raises(ParseError, match="128 levels"):
        schema.decode(b'{"a":' * 129 + b"1" + b"}" * 129)


def test_many_faults() -> None:
    """A small body of many faults does not make a huge answer."""
    assert len(faults_of(list[str], json.dumps([1] * 5000).encode())) == 1000


@dataclasses.dataclass
class DataclassModel:
    name: str
    size: Annotated[int, Meta(ge=1)] = 1


class TypedDictModel(TypedDict):
    name: str
    size: Annotated[int, Meta(ge=1)]


class NamedTupleModel(NamedTuple):
    name: str
    size: Annotated[int, Meta(ge=1)] = 1


@attrs.define
class AttrsModel:
    name: str = attrs.field(validator=attrs.validators.max_len(3))
    size: Annotated[int, Meta(ge=1)] = 1


class GenericStruct(msgspec.Struct, Generic[Item]):
    items: list[Item]


class Pair(msgspec.Struct, array_like=True):
    left: int
    right: int = 0


class Node(msgspec.Struct):
    value: int
    children: list["Node"] = []


class Point(msgspec.Struct, array_like=True, tag=True):
    x: int
    size: decimal.Decimal = decimal.Decimal(0)


class Line(msgspec.Struct, array_like=True, tag=True):
    name: str
    size: decimal.Decimal = decimal.Decimal(0)


class Numbered(msgspec.Struct, tag=1):
    x: int


class Holder(msgspec.Struct, frozen=True):
    items: list[int]


ArtistId = NewType("ArtistId", int)

OTHERS: list[tuple[Any, bytes, set[tuple[str, str]]]] = [
    (DataclassModel, b'{"name": 1, "size": 0}', {("/name", "type"), ("/size", "minimum")}),
    (TypedDictModel, b'{"size": 0}', {("/name", "required"), ("/size", "minimum")}),
    (NamedTupleModel, b'["a", 0]', {("/1", "minimum")}),
    (NamedTupleModel, b"[]", {("", "min_length")}),
    (NamedTupleModel, b'["a", 1, 2]', {("", "max_length")}),
    (NamedTupleModel, b"{}", {("", "type")}),
    (AttrsModel, b'{"name": 1}', {("/name", "type")}),
    (AttrsModel, b'{"name": "Cerati"}', {("", "value")}),
    (GenericStruct[int], b'{"items": [1, "x"]}', {("/items/1", "type")}),
    (Pair, b'["x"]', {("/0", "type")}),
    (Pair, b"[]", {("", "min_length")}),
    (Node, b'{"value": 1, "children": [{"children": []}]}', {("/children/0/value", "required")}),
    (list[Node], b'[{"value": 1}, {"value": "x"}]', {("/1/value", "type")}),
    (dict[str, Node], b'{"a/b~": {}}', {("/a~1b~0/value", "required")}),
    (dict[Annotated[str, Meta(max_length=1)], int], b'{"ab": 1}', {("/ab", "max_length")}),
    (Annotated[dict[str, int], Meta(min_length=1)], b"{}", {("", "min_length")}),
    (tuple[int, str], b"[1]", {("", "min_length")}),
    (tuple[int, str], b'[1, "a", 2]', {("", "max_length")}),
    (tuple[int, ...], b'[1, "a"]', {("/1", "type")}),
    (set[int], b'["a"]', {("/0", "type")}),
    (Node | None, b"1", {("", "type")}),
    (int | str | None, b"[]", {("", "type")}),
    (list[int] | dict[str, int] | None, b'["x"]', {("/0", "type")}),
    (list[int] | dict[str, int] | None, b'{"a": "x"}', {("/a", "type")}),
    (list[decimal.Decimal | None], b'[null, "1", "NaN"]', {("/2", "format")}),
    (Rank, b"2", {("", "enum")}),
    (Literal["c", "a"] | None, b'"b"', {("", "enum")}),
    (ArtistId, b'"x"', {("", "type")}),
    (datetime.timedelta, b'"x"', {("", "format")}),
    (datetime.time, b'"x"', {("", "format")}),
    (bytes, b'"%"', {("", "format")}),
    (bool, b"1", {("", "type")}),
    (Point | Line, b'["Point", "x"]', {("/1", "type")}),
    (Point | Line, b'["Circle"]', {("/0", "enum")}),
    (Point | Line, b"[]", {("/0", "required")}),
    (Point, b'["Line", 1]', {("/0", "enum")}),
    (Pair, b"{}", {("", "type")}),
    (Pair, b'{"left": 1}', {("", "type")}),
    (Numbered, b'{"type": true, "x": 1}', {("/type", "enum")}),
    (Genre, b"{}", {("", "enum")}),
    (
        list[int],
        json.dumps([*range(500), "x", *range(500), None]).encode(),
        {("/500", "type"), ("/1001", "type")},
    ),
    (dict[str, int], json.dumps({str(n): n or "x" for n in range(100)}).encode(), {("/0", "type")}),
    (set[Holder], b'[{"items": [1]}]', {("", "value")}),
    (None, b"1", {("", "type")}),
]


def name_of(each: object) -> str:
    """Name a case alike in every process: the order of a set is another in each."""
    return str(sorted(each) if isinstance(each, set) else each)


@pytest.mark.parametrize(("annotation", "body", "expected"), OTHERS, ids=name_of)
def test_faults_of_other_types(
    annotation: Any, body: bytes, expected: set[tuple[str, str]]
) -> None:
    """Each kind of model and type tells where it is broken."""
    assert {(each.pointer, each.code) for each in faults_of(annotation, body)} == expected


def test_attrs_validators_are_not_quoted() -> None:
    """The validators of attrs quote the value, so their words stay here."""
    (fault,) = faults_of(AttrsModel, b'{"name": "kwijibo"}')
    assert fault.detail == "Invalid value"


def test_words_of_a_validator() -> None:
    """What a model's own validator says is for the client."""
    for artist in (ArtistStruct, ArtistModel):
        (fault,) = faults_of(artist, b'{"name": "a", "start": 2, "end": 1}')
        assert fault.detail == "The end is before the start"


@pytest.mark.parametrize(
    ("annotation", "body"),
    [
        (Point | Line, b'["Line", "a", "1e5"]'),
        (list[decimal.Decimal], b'["1.5", 2, 3.25, "-1e-300"]'),
        (tuple[decimal.Decimal, str], b'["1", "nancy"]'),
    ],
)
def test_decimals(annotation: Any, body: bytes) -> None:
    """A type with decimals refuses no more than what is infinite or huge."""
    assert schema_of(annotation).decode(body) == msgspec.json.decode(body, type=annotation)


class Quoting(msgspec.Struct):
    rank: str

    def __post_init__(self) -> None:
        Genre(self.rank)


class QuotingModel(pydantic.BaseModel):
    rank: Annotated[int, pydantic.BeforeValidator(int)]


@pytest.mark.parametrize("annotation", [Quoting, QuotingModel])
def test_quoting_validators(annotation: Any) -> None:
    """What Python's own errors quote does not go out."""
    (fault,) = faults_of(annotation, b'{"rank": "kwijibo"}')
    assert (fault.code, fault.detail) == ("value", "Invalid value")


class CardPayment(pydantic.BaseModel):
    kind: Literal["card"]
    card: QuotingModel
    amount: int


class CashPayment(pydantic.BaseModel):
    kind: Literal["cash"]
    amount: int


class Order(pydantic.BaseModel):
    payment: CardPayment | CashPayment = pydantic.Field(discriminator="kind")
    pair: tuple[int, int] = (0, 0)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"payment": {"kind": "card", "card": {"rank": "1"}}}', ("/payment/amount", "required")),
        (
            b'{"payment": {"kind": "card", "card": {"rank": 1}, "amount": "x"}}',
            ("/payment/amount", "type"),
        ),
        (
            b'{"payment": {"kind": "card", "card": {}, "amount": 1}}',
            ("/payment/card/rank", "required"),
        ),
        (b'{"payment": {"kind": "cash", "amount": 1}, "pair": [1]}', ("/pair", "min_length")),
    ],
)
def test_places_in_tagged_models(body: bytes, expected: tuple[str, str]) -> None:
    """The tag of a union's member is no place, though a field may have its name."""
    (fault,) = faults_of(Order, body)
    assert (fault.pointer, fault.code) == expected


class Endless(pydantic.BaseModel):
    left: "Endless | EndlessToo | None" = None


class EndlessToo(pydantic.BaseModel):
    left: "Endless | EndlessToo | None" = None


def test_more_errors_than_can_be_told() -> None:
    """A few bytes can make very many errors; they are not told one by one."""
    body = b'{"left":' * 15 + b"1" + b"}" * 15
    (fault,) = faults_of(Endless, body)
    assert fault.code == "value"


def test_body_that_is_made_to_be_slow() -> None:
    """Wide and deep, with one fault at the end: it ends, and is refused."""
    body = b'{"value": "x"}'
    for _ in range(60):
        body = b'{"value": 1, "children": [' + b'{"value": 1},' * 1000 + body + b"]}"
    assert faults_of(Node, body)


def test_deep_stack() -> None:
    """Deep in the application's own calls a fault is still a fault."""

    def call(depth: int) -> Any:
        return call(depth - 1) if depth else faults_of(Node, body)

    body = b'{"value": 1, "children": [' * 60 + b"1" + b"]}" * 60
    assert call(680)


@pytest.mark.parametrize(
    ("annotation", "default", "is_accepted"),
    [
        (datetime.date, datetime.date(2026, 1, 1), True),
        (datetime.date, "2026-01-01", False),
        (Genre, Genre.ROCK, True),
        (Genre, "rock", False),
        (CoverStruct, CoverStruct("http"), True),
        (CoverStruct, {"url": "http"}, False),
        (CoverModel, CoverModel(url="http"), True),
        (CoverModel, {"url": "http"}, False),
        (float, float("inf"), True),
        (float, 1, True),
        (int, None, False),
        (int, object(), False),
        (str | msgspec.UnsetType, msgspec.UNSET, True),
    ],
)
def test_accepts(annotation: Any, default: Any, is_accepted: bool) -> None:
    """A default is of the type, not only written like it."""
    assert schema_of(annotation).accepts(default) is is_accepted


def test_every_broken_constraint() -> None:
    """A value that breaks two constraints has two faults."""
    found = faults_of(CoverStruct, b'{"url": "x"}')
    assert [each.code for each in found] == ["min_length", "pattern"]


TEXTS: list[tuple[Any, Any, Any]] = [
    (int, "5", 5),
    (int, "-5", -5),
    (float, "1.5", 1.5),
    (bool, "true", True),
    (bool, "0", False),
    (str, "null", "null"),
    (int | None, "null", None),
    (int | str, "5", "5"),
    (Genre, "tango", Genre.TANGO),
    (Rank, "1", Rank.FIRST),
    (Literal[1, 2], "2", 2),
    (Literal["a"], "a", "a"),
    (datetime.date, "2026-01-02", datetime.date(2026, 1, 2)),
    (datetime.datetime, "2026-01-02T03:04:05", datetime.datetime(2026, 1, 2, 3, 4, 5)),
    (datetime.time, "03:04:05", datetime.time(3, 4, 5)),
    (datetime.timedelta, "P1D", datetime.timedelta(days=1)),
    (decimal.Decimal, "1.10", decimal.Decimal("1.10")),
    (uuid.UUID, "00000000-0000-0000-0000-000000000007", uuid.UUID(int=7)),
    (list[int], ["1", "2"], [1, 2]),
    (set[str], ["a", "a"], {"a"}),
    (tuple[int, str], ["1", "2"], (1, "2")),
    (Annotated[int, pydantic.Field(ge=1)], "5", 5),
    (Annotated[list[int], pydantic.Field(min_length=1)], ["1"], [1]),
]


@pytest.mark.parametrize(("annotation", "texts", "value"), TEXTS, ids=name_of)
def test_text(annotation: Any, texts: Any, value: Any) -> None:
    """What stands in a URL, a header or a cookie is read as its type."""
    read = schema_of(annotation).convert(texts)
    assert read == value
    assert type(read) is type(value)


BROKEN_TEXTS: list[tuple[Any, Any, set[tuple[str, str]]]] = [
    (int, "x", {("", "type")}),
    (int, "", {("", "type")}),
    (int, " 5", {("", "type")}),
    (int, "1_0", {("", "type")}),
    (int, "9" * 5000, {("", "type")}),
    (float, "nan", {("", "format")}),
    (float, "inf", {("", "format")}),
    (bool, "maybe", {("", "type")}),
    (int | None, "x", {("", "type")}),
    (datetime.date | None, "x", {("", "format")}),
    (decimal.Decimal, "1e9999999", {("", "format")}),
    (uuid.UUID, "7", {("", "format")}),
    (Genre, "x", {("", "enum")}),
    (Literal[1, 2], "3", {("", "enum")}),
    (Annotated[int, Meta(ge=1, le=100)], "0", {("", "minimum")}),
    (list[int], ["1", "x"], {("/1", "type")}),
    (Annotated[int, pydantic.Field(ge=1, le=100)], "101", {("", "maximum")}),
    (Annotated[int, pydantic.Field(ge=1, le=100)], "x", {("", "type")}),
]


@pytest.mark.parametrize(("annotation", "texts", "expected"), BROKEN_TEXTS, ids=name_of)
def test_broken_text(annotation: Any, texts: Any, expected: set[tuple[str, str]]) -> None:
    """A text that is not of the type has a fault, and no sentence says `got str`."""
    with pytest.raises(ValidationError) as caught:
        schema_of(annotation).convert(texts)
    assert {(each.pointer, each.code) for each in caught.value.errors} == expected
    assert not [each for each in caught.value.errors if "got" in each.detail]


ONE_FORM: list[tuple[Any, str]] = [
    *[(int, text) for text in ("1.0", "1e0", "-0", "01", "+1", " 1", "1_0", "٣")],
    *[(float, text) for text in ("+1.5", "1_0", " 1", "01.5", "٣", "Infinity")],
    *[(decimal.Decimal, text) for text in ("1_0", " 1", "٣", "1e500", "sNaN")],
    *[(datetime.datetime, text) for text in ("2026", "0", "1e3", "-1.5")],
    *[(datetime.date, text) for text in ("2026", "0")],
    *[(datetime.timedelta, text) for text in ("60", "1.5", "1e3")],
    (uuid.UUID, "00000000000000000000000000000007"),
]


@pytest.mark.parametrize("library", [Meta, pydantic.Field])
@pytest.mark.parametrize(("annotation", "text"), ONE_FORM, ids=str)
def test_one_form(library: Any, annotation: Any, text: str) -> None:
    """A text is what the document says: one item has one URL, and a number is no time."""
    schema = schema_of(Annotated[annotation, library(description="a value")])
    with pytest.raises(ValidationError) as caught:
        schema.convert(text)
    assert {each.code for each in caught.value.errors} <= {"format", "type"}
    with pytest.raises(Refused):
        schema.parse(text)


class Custom:
    pass


class StructWithModel(msgspec.Struct):
    cover: CoverModel


UNSUPPORTED: list[Any] = [
    Custom,
    list[Custom],
    list[complex],
    Callable[[], None],
    msgspec.msgpack.Ext,
    set[DataclassModel],
    set[list[int]],
    set[Any],
    StructWithModel,
    int | complex,
    list["Undefined"],  # type: ignore[name-defined]  # noqa: F821
]


@pytest.mark.parametrize("annotation", UNSUPPORTED, ids=name_of)
def test_unsupported(annotation: Any) -> None:
    """A type that has no form in JSON is refused when the schema is made."""
    with pytest.raises(Unsupported):
        schema_of(annotation)


MODELS: list[tuple[Any, bool]] = [
    (ArtistStruct, True),
    (ArtistModel, True),
    (DataclassModel, True),
    (TypedDictModel, True),
    (NamedTupleModel, True),
    (AttrsModel, True),
    (list[ArtistStruct], True),
    (list[ArtistModel], True),
    (dict[str, ArtistStruct], True),
    (ArtistStruct | None, True),
    (ArtistModel | None, True),
    (SoloStruct | BandStruct, True),
    (int, False),
    (list[int], False),
    (dict[str, int], False),
    (Any, False),
    (Annotated[int, pydantic.Field(ge=1)], False),
]


@pytest.mark.parametrize(("annotation", "is_model"), MODELS, ids=name_of)
def test_is_model(annotation: Any, is_model: bool) -> None:
    """A model, and a list, dict or union of models, is a body by itself."""
    assert schema_of(annotation).is_model is is_model


class Terse(msgspec.Struct, omit_defaults=True):
    url: str
    width: int | None = None


class Left(msgspec.Struct, frozen=True, tag=True):
    a: int


class Right(msgspec.Struct, frozen=True, tag=True):
    b: int


def test_checked_sets() -> None:
    """A set has no order, and fits all the same."""
    both = {*map(Left, range(6)), *map(Right, range(6))}
    assert schema_of(set[Left | Right]).encode_checked(both)


ENCODED: list[tuple[Any, Any, bytes]] = [
    (Terse, {"url": "h", "width": None}, b'{"url":"h","width":null}'),
    (dict[float, int], {1: 2}, b'{"1":2}'),
    (CoverStruct, CoverStruct("http"), b'{"url":"http","width":null}'),
    (CoverModel, CoverModel(url="http"), b'{"url":"http","width":null}'),
    (ArtistStruct | None, None, b"null"),
    (list[int], [1, 2], b"[1,2]"),
    (DataclassModel, DataclassModel("a"), b'{"name":"a","size":1}'),
    (Any, {"at": datetime.date(2026, 1, 2)}, b'{"at":"2026-01-02"}'),
]


@pytest.mark.parametrize(("annotation", "value", "body"), ENCODED, ids=name_of)
def test_encoding(annotation: Any, value: Any, body: bytes) -> None:
    """A value goes out as JSON, checked or not."""
    schema = schema_of(annotation)
    assert schema.encode(value) == body
    assert schema.encode_checked(value) == body


class StoredCover(CoverStruct):
    secret: str = "x"


MISFITS: list[tuple[Any, Any]] = [
    (CoverStruct, {"url": 1}),
    (CoverStruct, {"url": "http", "secret": 1}),
    (list[StoredCover | None], [{"url": "h"}]),
    (DataclassModel, DataclassModel("a", 0)),
    (list[int], ["a"]),
    (float, float("nan")),
    (Pair, (1, 2, 3)),
    (CoverModel, {"url": 1}),
    (CoverModel, CoverModel.model_construct(url="x", width=None)),
    (Annotated[int, pydantic.Field(ge=1)], 0),
    (CoverModel, CoverStruct("http")),
    (int, None),
]


@pytest.mark.parametrize(("annotation", "value"), MISFITS, ids=name_of)
def test_misfits(annotation: Any, value: Any) -> None:
    """A result that is not what is declared is refused when it is checked."""
    with pytest.raises(ValueError, match=r"."):
        schema_of(annotation).encode_checked(value)


@dataclasses.dataclass
class StoredDataclass(DataclassModel):
    secret: str = "x"


class StoredSolo(SoloStruct, tag_field="kind", tag="solo"):
    secret: str = "x"


class StoredCoverModel(CoverModel):
    secret: str = "x"


SUBCLASSES: list[tuple[Any, Any, Any]] = [
    (CoverStruct, CoverStruct("http"), StoredCover("http")),
    (DataclassModel, DataclassModel("a", 2), StoredDataclass("a", 2)),
    (SoloStruct, SoloStruct("alto"), StoredSolo("alto")),
    (CoverModel, CoverModel(url="http"), StoredCoverModel(url="http")),
]


@pytest.mark.parametrize(("model", "own", "stored"), SUBCLASSES, ids=name_of)
def test_members_of_a_subclass(model: Any, own: Any, stored: Any) -> None:
    """What a class adds to the declared one stays here; both libraries agree."""
    one, optional, many = (schema_of(each) for each in (model, model | None, list[model]))
    expected = one.encode(own)
    assert one.encode(stored) == optional.encode(stored) == expected
    assert one.encode_checked(stored) == expected
    assert many.encode([own, stored]) == b"[%b,%b]" % (expected, expected)
    assert many.encode([own, own]) == b"[%b,%b]" % (expected, expected)
    assert optional.encode(None) == b"null"


def test_member_too_many() -> None:
    """A stored row with more members than the declared type would tell them all."""

    class Row(msgspec.Struct):
        url: str
        width: int
        secret: str

    with pytest.raises(ValidationError, match="/secret: Unknown field"):
        schema_of(CoverStruct).encode_checked(Row("http", 2, "x"))


def test_checked_encoding_reports_where() -> None:
    """The message of a misfit names the place."""
    with pytest.raises(ValidationError, match="/0/url: Expected str, got int"):
        schema_of(list[CoverStruct]).encode_checked([{"url": 1}])


@pytest.mark.parametrize(
    ("parts", "text"), [((), ""), (("a", 0), "/a/0"), (("a/b", "~"), "/a~1b/~0"), (("",), "/")]
)
def test_pointer(parts: tuple[str | int, ...], text: str) -> None:
    """RFC 6901, 3 and 4."""
    assert pointer(*parts) == text


def test_invalid_as_text() -> None:
    """In a log it says where and what."""
    error = ValidationError(
        errors=[Fault("/name", "taken", "It is taken"), Fault("", "value", "No")]
    )
    assert str(error) == "/name: It is taken; the value: No"


@pytest.mark.parametrize("annotation", [CoverStruct, CoverModel])
def test_schema_is_a_schema(annotation: Any) -> None:
    """Both libraries keep the seam."""
    schema: Schema = schema_of(annotation)
    assert [each.name for each in schema.fields or ()] == ["url", "width"]
    assert schema.takes == "object"
    assert schema.accepts(schema.decode(b'{"url": "http"}'))
    assert not schema.accepts(7)


PATTERN = Annotated[str, Meta(pattern="^a")]
POSITIVE = Annotated[int, Meta(gt=0)]


class CrashingStruct(msgspec.Struct):
    tags: list[int] | PATTERN


CRASHING: list[Any] = [
    list[int] | PATTERN,
    dict[str, int] | PATTERN | None,
    set[int] | PATTERN,
    tuple[int, ...] | PATTERN,
    list[list[int] | PATTERN],
    dict[str, tuple[int, str] | POSITIVE],
    tuple[int, str] | Annotated[str, Meta(max_length=3)],
    CrashingStruct,
]
SAFE: list[Any] = [
    list[int] | Annotated[str, Meta(max_length=3)],
    list[int] | POSITIVE,
    tuple[int, ...] | POSITIVE,
    tuple[int, str] | PATTERN,
    ArtistStruct | PATTERN,
    PATTERN | None,
    list[PATTERN] | str,
    tuple[PATTERN, POSITIVE] | str,
]


@pytest.mark.parametrize("annotation", CRASHING, ids=str)
def test_unions_that_crash(annotation: Any) -> None:
    """A union that msgspec cannot hold in memory is refused before msgspec sees it."""
    with pytest.raises(Unsupported, match="would crash"):
        schema_of(annotation)


@pytest.mark.parametrize("annotation", SAFE, ids=str)
def test_unions_that_do_not_crash(annotation: Any) -> None:
    """The others are kept through any number of collections."""
    schema = schema_of(annotation)
    for body in (b'"abc"', b"{}"):
        for _ in range(20):
            with contextlib.suppress(ValidationError):
                schema.decode(body)
        gc.collect()
