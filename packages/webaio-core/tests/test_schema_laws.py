"""What the JSON Schema of a type says is what is taken, and what is written fits it."""

import datetime
import decimal
import enum
import json
import re
import uuid
from collections.abc import Mapping
from types import GenericAlias
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

import attrs
import jsonschema
import msgspec
import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from webaio.exceptions import ParseError, ValidationError
from webaio.schemas import Schema as SchemaOfType
from webaio.schemas import schema_of
from webaio.schemas._components import Components, Mode


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Rank(enum.IntEnum):
    FIRST = 1
    SECOND = 2


class Flags(enum.Flag):
    A = 1
    B = 2
    C = 4


class Gaps(enum.Flag):
    A = 1
    C = 4


class Kept(enum.IntFlag):
    A = 1


class Pair(NamedTuple):
    left: int
    right: str = ""


class Row(msgspec.Struct, array_like=True):
    at: int
    text: str = ""


class ClosedRow(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    at: int
    text: str = ""


class Closed(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    first_name: Annotated[str, Meta(min_length=1, max_length=3)]
    born: int | None = None


class Node(msgspec.Struct):
    value: Annotated[int, Meta(ge=0)]
    children: "list[Node]" = []


class Cat(msgspec.Struct, tag=True):
    lives: Annotated[int, Meta(lt=10)] = 9


class Dog(msgspec.Struct, tag=True):
    name: str


class Named(TypedDict, total=False):
    name: str


@attrs.define
class Defined:
    name: str
    price: decimal.Decimal = decimal.Decimal("1.5")


class ClosedModel(pydantic.BaseModel, extra="forbid"):
    first_name: Annotated[str, pydantic.Field(min_length=1, alias="firstName")]
    born: int | None = None


class CatModel(pydantic.BaseModel):
    kind: Literal["cat"] = "cat"
    lives: Annotated[int, pydantic.Field(lt=10)] = 9


class DogModel(pydantic.BaseModel):
    kind: Literal["dog"] = "dog"
    name: str


class Owner(pydantic.BaseModel):
    pet: Annotated[CatModel | DogModel, pydantic.Field(discriminator="kind")]
    pets: list[Annotated[CatModel | DogModel, pydantic.Field(discriminator="kind")]] = []


KEYS: list[Any] = [
    *(str, int, float, decimal.Decimal, uuid.UUID, datetime.date, datetime.timedelta),
    *(Color, Rank, Literal["a", "b"]),
]
SCALARS: list[Any] = [
    *(bool, int, float, str, None, bytes, decimal.Decimal, uuid.UUID, datetime.date),
    *(datetime.timedelta, datetime.time, Color, Rank, Any, Any | None),
    *(Literal["a", "b"], Literal[1, 2], Literal["a"], int | None, int | str, float | None),
]
OF_BOTH: list[Any] = [
    *SCALARS,
    *[GenericAlias(dict, (each, int)) for each in KEYS],
    *(tuple[int, str], tuple[int, ...], tuple[()], list[int | None], set[int], Pair),
    *(list[Any], dict[str, Any], list[list[bool]], dict[str, list[int]] | None),
]
OF_MSGSPEC: list[Any] = [
    *(
        Flags,
        Gaps,
        Kept,
        dict[Literal[1, 2], int],
        dict[Flags, int],
        dict[Gaps, int],
        dict[Kept, int],
    ),
    *(Row, ClosedRow, Closed, Node, Cat, Cat | Dog, Defined, Named, list[Cat | Dog | None]),
    Annotated[int, Meta(ge=2, lt=9)],
    Annotated[int, Meta(gt=0, multiple_of=3)],
    Annotated[float, Meta(gt=0.5, le=2)],
    Annotated[str, Meta(min_length=1, max_length=2)],
    Annotated[str, Meta(pattern="^[a-c]+$")],
    Annotated[list[int], Meta(min_length=1, max_length=2)],
    Annotated[dict[str, int], Meta(max_length=1)],
    Annotated[datetime.datetime, Meta(tz=True)],
    dict[Annotated[str, Meta(pattern="^a", max_length=2)], int],
    Annotated[int, Meta(ge=3)] | list[int] | dict[str, int],
]
OF_PYDANTIC: list[Any] = [
    *(ClosedModel, CatModel, Owner, pydantic.NaiveDatetime, pydantic.AwareDatetime),
    *(list[CatModel], dict[str, ClosedModel], ClosedModel | list[ClosedModel] | None),
    Annotated[int, pydantic.Field(ge=2, lt=9)],
    Annotated[str, pydantic.Field(min_length=1, max_length=2)],
    Annotated[list[int], pydantic.Field(min_length=1, max_length=2)],
    dict[Annotated[str, pydantic.Field(pattern="^a", max_length=2)], int],
]


def of_pydantic(annotation: Any) -> Any:
    return Annotated[annotation, pydantic.Field(description="of pydantic")]


EVERY = [*OF_BOTH, *OF_MSGSPEC, *map(of_pydantic, [*OF_BOTH, *OF_PYDANTIC])]
ONE = settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


Schema = Mapping[str, Any]

ANYTHING: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1.5, "", "é", [], [1], {}, {"a": 1}]
)
ZONED = st.datetimes(
    timezones=st.sampled_from([datetime.UTC, datetime.timezone(datetime.timedelta(hours=-3))])
)
NUMBERS = st.integers(0, 999_999)
FORMATS: dict[str, st.SearchStrategy[str]] = {
    "duration": st.tuples(NUMBERS, NUMBERS).map(lambda both: "P{}DT{}S".format(*both)),
    "date": st.dates().map(str),
    "date-time": ZONED.map(datetime.datetime.isoformat),
    "date-time-local": st.datetimes().map(datetime.datetime.isoformat),
    "time": st.times().map(lambda time: f"{time.isoformat()}Z"),
    "time-local": st.times().map(datetime.time.isoformat),
    "uuid": st.uuids().map(str) | st.uuids().map(lambda each: str(each).upper()),
}  # fmt: skip


def instances(schema: Schema, document: Schema) -> st.SearchStrategy[Any]:
    """Give values of a schema, whose references lead into the document."""
    if "$ref" in schema:
        return st.deferred(lambda: instances(_referred(schema["$ref"], document), document))
    for name in ("allOf", "anyOf", "oneOf"):
        if name in schema:
            return st.one_of([instances(each, document) for each in schema[name]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    kinds = schema.get("type", [])
    found = [
        _of_kind(each, schema, document) for each in ([kinds] if isinstance(kinds, str) else kinds)
    ]
    return st.one_of(found) if found else ANYTHING


def _referred(reference: str, document: Any) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def _of_kind(kind: str, schema: Schema, document: Schema) -> st.SearchStrategy[Any]:
    match kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            whole = st.integers(-(2**70), 2**70) | _near(schema)
            return whole | _near(schema).map(float)  # JSON Schema counts 1.0 as an integer
        case "number":
            return (
                st.floats(allow_nan=False, allow_infinity=False)
                | _near(schema)
                | _near(schema).map(lambda n: n / 2)
            )
        case "string":
            return _text(schema)
        case "array":
            return _array(schema, document)
    return _object(schema, document)


def _others(schema: Schema) -> Schema:
    found = schema.get("additionalProperties", {})
    return {} if found is True else found


def _near(schema: Schema) -> st.SearchStrategy[int]:
    limits = [
        schema.get(name, 0)
        for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    ]
    return st.integers(int(min(limits)) - 2, int(max(limits)) + 2)


def _text(schema: Schema) -> st.SearchStrategy[str]:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if "pattern" in schema:
        return st.from_regex(re.compile(schema["pattern"].replace("$", r"\Z"), re.ASCII))
    least = schema.get("minLength", 0)
    return st.text(min_size=least, max_size=schema.get("maxLength", least + 4))


def _array(schema: Schema, document: Schema) -> st.SearchStrategy[list[Any]]:
    first = [instances(each, document) for each in schema.get("prefixItems", ())]
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(first) + 3)
    lengths = st.integers(least, most)
    rest = instances(schema.get("items", {}), document)
    return lengths.flatmap(lambda length: st.tuples(*[*first, *[rest] * most][:length]).map(list))


def _object(schema: Schema, document: Schema) -> st.SearchStrategy[dict[str, Any]]:
    members = {
        name: instances(each, document) for name, each in schema.get("properties", {}).items()
    }
    required = schema.get("required", ())
    known = st.fixed_dictionaries(
        {name: members[name] for name in required if name in members},
        optional={name: each for name, each in members.items() if name not in required},
    )
    if schema.get("additionalProperties") is False:
        return known
    names = schema.get("propertyNames", {})
    keys = instances({"type": "string", **names}, document) if names else st.text(max_size=3)
    others = st.dictionaries(keys, instances(_others(schema), document), max_size=3)
    return st.tuples(others, known).map(lambda both: {**both[0], **both[1]})


def document_of(annotation: Any, mode: Mode) -> dict[str, Any]:
    components = Components()
    schema, named = components.resolve(schema_of(annotation).json_schema(components, mode))
    whole = json.loads(msgspec.json.encode({"allOf": [schema], "components": {"schemas": named}}))
    jsonschema.Draft202012Validator.check_schema(whole)
    return whole  # type: ignore[no-any-return]  # of json


def read(schema: SchemaOfType, body: bytes) -> tuple[list[str], Any]:
    """Give the codes of the faults of a body, and its value."""
    try:
        return [], schema.decode(body)
    except ValidationError as error:
        return [each.code for each in error.errors], None


def is_taken(annotation: Any, value: Any) -> bool:
    try:
        schema_of(annotation).decode(json.dumps(value).encode())
    except (ValidationError, ParseError):
        return False
    return True


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-12, 12)
    | st.sampled_from([2**70, 0.5, 1.0, -3.0, 2.5, 1e300])
    | st.sampled_from(["", "a", "abcd", "1", "-1", "1.0", "01", "1_0", "٣", "red", "1e5", "nan"])
    | st.sampled_from(["2026-11-29", "P1D", "PT1.5S", "p1d", "true", "5", "YQ==", "Y"])
    | st.just("c56a4180-65aa-42ec-a945-5fd21dec0538"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["a", "1", "-0", "01", "1.0", "nan", "red", "3", "kind", "type", "name"]
            )
            | st.sampled_from(["firstName", "born", "value", "children", "lives", "P1D", "true"])
            | st.text(max_size=2),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def instance_of(annotation: Any, data: st.DataObject) -> Any:
    document = document_of(annotation, "input")
    valid = jsonschema.Draft202012Validator(document).is_valid
    return data.draw(instances(document, document).filter(valid))


@pytest.mark.parametrize("annotation", EVERY, ids=str)
@given(data=st.data())
@ONE
def test_what_the_schema_says_is_taken(annotation: Any, data: st.DataObject) -> None:
    """Every value of the schema is taken, and written again as what a client is told to get."""
    body, schema = json.dumps(instance_of(annotation, data)).encode(), schema_of(annotation)
    faults, value = read(schema, body)
    if set(faults) == {"repeated"}:
        return  # names of a dict that are one key: that no schema can say
    assert not faults
    written = schema.encode(value)
    jsonschema.Draft202012Validator(document_of(annotation, "output")).validate(json.loads(written))


@pytest.mark.parametrize("annotation", [*OF_BOTH, *OF_MSGSPEC], ids=str)
@given(value=JSON)
@ONE
def test_what_is_taken_is_of_the_schema(annotation: Any, value: Any) -> None:
    """Of msgspec's types also the other way round; pydantic takes `"1"` for a number."""
    if is_taken(annotation, value):
        jsonschema.Draft202012Validator(document_of(annotation, "input")).validate(value)
