"""What a validator says is a fault without the client's value; another exception is a mistake."""

import dataclasses
import datetime
import decimal
import enum
import uuid
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Never, TypedDict

import attrs
import msgspec
import pydantic.dataclasses
import pytest
from pydantic_core import PydanticCustomError, PydanticKnownError

from webaio.exceptions import Fault, ValidationError
from webaio.schemas import Partial, Unsupported, schema_of

SENT = "kwijibo"


class Genre(enum.Enum):
    ROCK = "rock"
    FOLK = "folk"


class Mute(ValueError):
    def __str__(self) -> str:
        raise RuntimeError


def struct_that_raises(make: Callable[[str], Exception]) -> Any:
    class Model(msgspec.Struct):
        name: str

        def __post_init__(self) -> None:
            raise make(self.name)

    return Model


def model_that_raises(make: Callable[[str], Exception]) -> Any:
    class Model(pydantic.BaseModel):
        name: str

        @pydantic.model_validator(mode="after")
        def check(self) -> "Model":
            raise make(self.name)

    return Model


LIBRARIES = pytest.mark.parametrize("model_of", [struct_that_raises, model_that_raises])


def faults_of(annotation: Any, body: bytes) -> list[Fault]:
    with pytest.raises(ValidationError) as caught:
        schema_of(annotation).decode(body)
    return [each for each in caught.value.errors if isinstance(each, Fault)]


@LIBRARIES
@pytest.mark.parametrize(
    ("make", "detail"),
    [
        (lambda _: ValueError("The end is before the start"), "The end is before the start"),
        (lambda _: AssertionError("The end is before the start"), "The end is before the start"),
        (lambda _: ValueError(), "Invalid value"),
        (lambda name: ValueError(f"{name} is bad"), "Invalid value"),
        (lambda name: ValueError(f"Not {name!r}"), "Invalid value"),
        (lambda name: ValueError(f"No un{name}like"), f"No un{SENT}like"),
        (lambda _: Mute(), "Invalid value"),
    ],
)
def test_words(model_of: Any, make: Callable[[str], Exception], detail: str) -> None:
    """Its words go out, unless the value is among them, or they cannot be written."""
    model: Any = model_of(make)
    body = f'{{"name": "{SENT}"}}'.encode()
    assert faults_of(model, body) == [Fault("", "value", detail)]
    assert faults_of(list[model], b"[%b]" % body)[0].code == "value"


@LIBRARIES
def test_numbers_are_not_quoted(model_of: Any) -> None:
    model: Any = model_of(lambda name: ValueError("More than 1959 are too many"))
    assert faults_of(model, b'{"name": "1959"}') == [Fault("", "value", "Invalid value")]


@LIBRARIES
def test_faults_of_a_validator(model_of: Any) -> None:
    """A validator may say where: its faults stand below the model."""
    fault = Fault("/name", "taken", "The name is taken")
    model: Any = model_of(lambda _: ValidationError(errors=[fault]))
    assert faults_of(model, b'{"name": "a"}') == [fault]
    assert faults_of(list[model], b'[{"name": "a"}]') == [
        Fault("/0/name", "taken", "The name is taken")
    ]


@LIBRARIES
@pytest.mark.parametrize("mistake", [KeyError("x"), RuntimeError("x"), AttributeError("x")])
def test_mistakes(model_of: Any, mistake: Exception) -> None:
    """Another exception is the application's mistake, and no answer to the client."""
    with pytest.raises(type(mistake)):
        schema_of(model_of(lambda _: mistake)).decode(b'{"name": "a"}')


def test_half_a_surrogate() -> None:
    """Words that no UTF-8 can hold are a fault all the same."""
    model = model_that_raises(lambda _: ValueError("\ud800"))
    assert faults_of(model, b'{"name": "a"}') == [Fault("", "value", "Invalid value")]


def checked(error: Exception) -> Any:
    def check(value: Any) -> Any:
        raise error

    return Annotated[str, pydantic.AfterValidator(check)]


@pytest.mark.parametrize(
    "kind",
    [
        *("value_error", "assertion_error", "missing", "union_tag_invalid", "enum", "my_type"),
        *("union_tag_not_found", "int_parsing", "greater_than", "of_mine", "literal_error"),
    ],
)
def test_errors_named_like_those_of_pydantic(kind: Any) -> None:
    """An application's error has the code of one, whatever it is called."""
    custom: Any = checked(
        PydanticCustomError(kind, "It has {count} of {name}", {"count": 3, "name": 4})
    )
    assert faults_of(list[custom], b'["a"]') == [Fault("/0", "value", "It has 3 of 4")]
    quoting = checked(PydanticCustomError(kind, "{name} is bad", {"name": SENT}))
    assert faults_of(quoting, f'"{SENT}"'.encode()) == [Fault("", "value", "Invalid value")]


def test_known_errors_of_pydantic() -> None:
    known = checked(PydanticKnownError("greater_than", {"gt": 5}))
    assert faults_of(known, b'"a"')[0].code == "exclusive_minimum"


class Place(pydantic.BaseModel):
    zone: zoneinfo.ZoneInfo | None = None
    module: pydantic.ImportString[Any] | None = None
    email: pydantic.EmailStr | None = None
    url: pydantic.HttpUrl | None = None
    price: decimal.Decimal | None = None


@pytest.mark.parametrize("name", Place.model_fields)
def test_types_of_pydantic_quote_nothing(name: str) -> None:
    (fault,) = faults_of(Place, f'{{"{name}": "{SENT}.{SENT}"}}'.encode())
    assert fault.pointer == f"/{name}"
    assert SENT not in fault.detail


class Left(pydantic.BaseModel):
    a: int


@pytest.mark.parametrize(
    ("annotation", "body", "expected"),
    [
        (dict[str, Left] | list[Left], b'{"x": {"a": "x"}}', {("/x/a", "type")}),
        (Left | list[Left], b'[{"a": "x"}]', {("/0/a", "type")}),
        (Left | list[Left], b"1", {("", "type")}),
        (Left | int, b'{"b": 1}', {("/a", "required")}),
        (dict[int, Left], b'{"x": {"a": 1}}', {("/x", "format")}),
        (dict[Literal["a", "b"], Left], b'{"x": {"a": 1}}', {("/x", "enum")}),
    ],
    ids=str,
)
def test_places_in_unions(annotation: Any, body: bytes, expected: set[tuple[str, str]]) -> None:
    """Of a union's members only those are told that the value can have been meant for."""
    annotation = Annotated[annotation, pydantic.Field(title="of pydantic")]
    assert {(each.pointer, each.code) for each in faults_of(annotation, body)} == expected


def of_pydantic(annotation: Any) -> Any:
    return Annotated[annotation, pydantic.Field(title="of pydantic")]


UUID = "c56a4180-65aa-42ec-a945-5fd21dec0538"


@pytest.mark.parametrize("wrap", [lambda each: each, of_pydantic], ids=["msgspec", "pydantic"])
@pytest.mark.parametrize(
    ("annotation", "body", "code"),
    [
        (dict[float, int], b'{"1.0": 1, "1": 2}', "repeated"),
        (dict[uuid.UUID, int], f'{{"{UUID}": 1, "{UUID.upper()}": 2}}'.encode(), "repeated"),
        (list[dict[float, int]], b'[{"1.0": 1, "1": 2}]', "repeated"),
        (dict[float, int], b'{"nan": 1}', "format"),
        (dict[float, int], b'{"-inf": 1}', "format"),
    ],
    ids=str,
)
def test_names_of_dicts(wrap: Any, annotation: Any, body: bytes, code: str) -> None:
    """No two names become one key, and no key is a number that no JSON has."""
    assert [each.code for each in faults_of(wrap(annotation), body)] == [code]


@pytest.mark.parametrize("text", ["nan", "Infinity", "-inf", "1e999999"])
@pytest.mark.parametrize("annotation", [float, decimal.Decimal])
def test_numbers_that_are_none(annotation: Any, text: str) -> None:
    (fault,) = faults_of(of_pydantic(list[annotation]), f'["{text}"]'.encode())
    assert (fault.pointer, fault.code) in {("/0", "format"), ("/0", "type")}


@dataclasses.dataclass
class Plain:
    a: str
    b: int = 5
    c: list[int] = dataclasses.field(default_factory=list)
    d: str | None = None


@dataclasses.dataclass
class Inherited(Plain):
    e: Plain | None = None


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: str
    b: int = 5


@dataclasses.dataclass(slots=True)
class Slotted:
    a: str
    b: int = 5


@attrs.define
class Attrs:
    a: str
    b: int = 5


@attrs.define(slots=False)
class AttrsWithoutSlots:
    a: str
    b: int = 5


class Pair(NamedTuple):
    a: str
    b: int = 5


class Named(TypedDict):
    a: str


class Holder(msgspec.Struct):
    one: Plain
    many: list[Frozen] = []
    named: dict[str, tuple[Slotted, Frozen]] = {}


class Model(pydantic.BaseModel):
    a: str
    b: int = 5


FROZEN = b'{"a":"x","b":5}'
PLAIN = b'{"a":"x","b":5,"c":[],"d":null}'


@pytest.mark.parametrize(
    ("annotation", "sent", "answered"),
    [
        (Plain, b'{"a":"x"}', PLAIN),
        (Plain, b'{"d":"y","a":"x"}', b'{"a":"x","b":5,"c":[],"d":"y"}'),
        (list[Plain], b'[{"a":"x"}]', b"[%b]" % PLAIN),
        (Inherited, b'{"a":"x","e":{"a":"x"}}', PLAIN[:-1] + b',"e":%b}' % PLAIN),
        (Frozen, b'{"a":"x"}', FROZEN),
        (Slotted, b'{"a":"x"}', FROZEN),
        (Attrs, b'{"a":"x"}', FROZEN),
        (AttrsWithoutSlots, b'{"a":"x"}', FROZEN),
        (Model, b'{"a":"x"}', FROZEN),
        (Pair, b'["x"]', b'["x",5]'),
        (Named, b'{"a":"x"}', b'{"a":"x"}'),
        (
            Holder,
            b'{"one":{"a":"x"},"many":[{"a":"x"}],"named":{"k":[{"a":"x"},{"a":"x"}]}}',
            b'{"one":%b,"many":[%b],"named":{"k":[%b,%b]}}' % (PLAIN, FROZEN, FROZEN, FROZEN),
        ),
    ],
    ids=str,
)
def test_defaults_go_out(annotation: Any, sent: bytes, answered: bytes) -> None:
    """What a client has left out is in the answer, whatever kind of class it is."""
    schema = schema_of(annotation)
    assert schema.encode(schema.decode(sent)) == answered


@pytest.mark.parametrize("wrap", [lambda each: each, of_pydantic], ids=["msgspec", "pydantic"])
@pytest.mark.parametrize(
    "annotation", [Iterable[int], Iterator[int], Callable[[], int], type[int], Never], ids=str
)
def test_types_that_nothing_fills(wrap: Any, annotation: Any) -> None:
    """What would be read while the action runs, and what is no value, is refused at registration."""
    with pytest.raises(Unsupported):
        schema_of(wrap(annotation))


class WithTools(pydantic.BaseModel):
    tool: ClassVar[Callable[[], int]] = int
    kinds: ClassVar[type[int]] = int
    name: str
    _made: Iterator[int] = pydantic.PrivateAttr()


def test_what_is_no_member() -> None:
    """What a model has for itself may be of any type."""
    assert schema_of(list[WithTools]).decode(b'[{"name": "a"}]') == [WithTools(name="a")]


class Inner(msgspec.Struct):
    name: str = "n"


class Outer(msgspec.Struct):
    inner: Inner = msgspec.field(default_factory=Inner)
    when: datetime.date = datetime.date(1999, 1, 1)
    options: dict[str, int] = {}
    text: str = ""

    def __post_init__(self) -> None:
        if self.inner.name != "n":
            raise ValueError(f"The inner {self.inner.name} is bad")
        if self.when.year > 2000:
            raise ValueError(f"{self.when} is too late")
        if self.options:
            raise ValueError(f"There is no {next(iter(self.options))}")
        if self.text:
            raise ValueError(f"Not {self.text!r}")


QUOTED = [
    b'{"inner": {"name": "kwijibo"}}',
    b'{"when": "2020-02-03"}',
    b'{"options": {"kwijibo": 1}}',
    rb'{"text": "\nkwijibo"}',
]


@pytest.mark.parametrize("body", QUOTED)
def test_no_part_is_quoted(body: bytes) -> None:
    """However deep it stands, and read whole or in part."""
    assert faults_of(Outer, body) == [Fault("", "value", "Invalid value")]
    with pytest.raises(ValidationError) as caught:
        schema_of(Partial[Outer]).decode(body).apply(Outer())
    assert [each.detail for each in caught.value.errors] == ["Invalid value"]


def test_long_words() -> None:
    """Words that are longer than a sentence are not looked through."""
    model: Any = struct_that_raises(lambda _: ValueError("x" * 501))
    assert faults_of(model, b'{"name": "a"}') == [Fault("", "value", "Invalid value")]


@LIBRARIES
def test_all_faults_of_a_validator(model_of: Any) -> None:
    faults = [Fault("/a", "one", "One"), Fault("/b", "two", "Two")]
    model: Any = model_of(lambda _: ValidationError(errors=faults))
    assert faults_of(model, b'{"name": "a"}') == faults


class Range(msgspec.Struct):
    low: int = 0
    high: int = 10

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("Low is above high")


class Ranges(msgspec.Struct):
    one: Range
    many: dict[Genre, Range] = {}


def test_all_faults_of_a_patch() -> None:
    """The members of a patch that break their models are told together, by their names in JSON."""
    patch = schema_of(Partial[Ranges]).decode(
        b'{"one": {"low": 11}, "many": {"rock": {"low": 12}, "folk": {"low": 13}}}'
    )
    with pytest.raises(ValidationError) as caught:
        patch.apply(Ranges(Range(), {Genre.ROCK: Range()}))
    assert [each.pointer for each in caught.value.errors] == ["/one", "/many/rock", "/many/folk"]


class Aliased1(pydantic.BaseModel):
    kind: Literal["a"] = pydantic.Field(alias="type")
    x: int
    a: Any = None


class Aliased2(pydantic.BaseModel):
    kind: Literal["b"] = pydantic.Field(alias="type")
    x: int


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", ("/type", "required")),
        (b'{"type": "z"}', ("/type", "enum")),
        (b'{"type": "a", "x": "q", "a": {"x": 1}}', ("/x", "type")),
    ],
)
def test_aliases_of_tags(body: bytes, expected: tuple[str, str]) -> None:
    tagged = Annotated[Aliased1 | Aliased2, pydantic.Field(discriminator="kind")]
    assert [(each.pointer, each.code) for each in faults_of(tagged, body)] == [expected]


class Odd(pydantic.BaseModel):
    number: float = 0
    price: decimal.Decimal = decimal.Decimal(0)
    many: set[float] = set()
    note: str = ""
    counts: Annotated[
        dict[str, int | None],
        pydantic.AfterValidator(lambda value: {k: v for k, v in value.items() if v is not None}),
    ] = {}


ODD = [
    *(rb'{"number": "\tinf"}', b'{"number": "1e9_9_9"}', b'{"number": "%b"}' % (b"9" * 400)),
    *(b'{"price": "1e9_999"}', b'{"many": ["inf"]}'),
]


@pytest.mark.parametrize("body", ODD, ids=lambda body: str(body)[:30])
def test_numbers_written_oddly(body: bytes) -> None:
    assert [each.code for each in faults_of(Odd, body)] == ["format"]


@pydantic.dataclasses.dataclass
class OddDataclass:
    number: float


def test_numbers_anywhere() -> None:
    """In a root model, a dataclass of pydantic, and among members that nobody has declared."""
    for annotation, body in [
        (pydantic.RootModel[list[decimal.Decimal]], b'["1e999999"]'),
        (pydantic.RootModel[dict[int, int]], b'{"1": 1, "01": 2}'),
        (OddDataclass, b'{"number": "inf"}'),
    ]:
        assert faults_of(annotation, body)


def test_text_that_begins_like_a_number_that_is_none() -> None:
    """What a validator takes out of a dict is not told as a name given twice."""
    body = b'{"counts": {"a": 1, "b": null}, "note": "information"}'
    assert schema_of(Odd).decode(body).counts == {"a": 1}


@dataclasses.dataclass
class Hidden:
    tags: list[str] | None = None


@dataclasses.dataclass
class Hiding(Hidden):
    tags: list[str] = dataclasses.field(default_factory=lambda: ["t"])


def test_default_that_hides_another() -> None:
    """A factory stands for what a base class has."""
    schema = schema_of(list[Hiding])
    first, second = schema.decode(b"[{}, {}]")
    assert schema.encode([first, second]) == b'[{"tags":["t"]},{"tags":["t"]}]'
    assert first.tags is not second.tags


class Base(msgspec.Struct):
    a: int = 1


class Secret(Base):
    secret: Any = "s"


class SecretRow(Base, array_like=True):
    secret: str = "s"


class TaggedBase(msgspec.Struct, tag="one"):
    a: int = 1


class TaggedSecret(TaggedBase, tag="two"):
    secret: str = "s"


@pytest.mark.parametrize(
    ("annotation", "value", "body"),
    [
        (Annotated[Base, msgspec.Meta(description="D")], Secret(), b'{"a":1}'),
        (list[Annotated[Base, msgspec.Meta(title="T")]], [Secret()], b'[{"a":1}]'),
        (list[Base | None], [Secret(), None], b'[{"a":1},null]'),
        (tuple[Base, ...], (Secret(),), b'[{"a":1}]'),
        (dict[str, Base] | None, {"x": Secret()}, b'{"x":{"a":1}}'),
        (Base, Secret(secret=object()), b'{"a":1}'),
        (Base, SecretRow(), b'{"a":1}'),
        (TaggedBase, TaggedSecret(), b'{"type":"one","a":1}'),
        (Base, {"a": 1, "b": 2}, b'{"a":1,"b":2}'),
        (list[Base], [{"b": 2}, Base()], b'[{"b":2},{"a":1}]'),
    ],
)
def test_members_of_subclasses_stay(annotation: Any, value: Any, body: bytes) -> None:
    """Whatever is said of the declared type, and whatever the subclass is like."""
    assert schema_of(annotation).encode(value) == body
