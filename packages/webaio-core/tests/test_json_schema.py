"""The JSON Schemas of types, and the names of their components."""

import dataclasses
import datetime
import decimal
import enum
import re
import uuid
from collections.abc import Mapping
from types import GenericAlias
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypedDict, TypeVar

import attrs
import jsonschema
import msgspec
import pydantic.dataclasses
import pytest
from msgspec import Meta
from pydantic.fields import FieldInfo

from webaio.exceptions import ValidationError
from webaio.schemas import Partial, schema_of
from webaio.schemas._annotation import pieces_of
from webaio.schemas._components import Components, Mode

Item = TypeVar("Item")
BYTES = {
    "type": "string",
    "contentEncoding": "base64",
    "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
}


class Genre(enum.Enum):
    """What it sounds like."""

    ROCK = "rock"
    TANGO = "tango"


class Rank(enum.IntEnum):
    FIRST = 1
    SECOND = 2


class Cover(msgspec.Struct, forbid_unknown_fields=True):
    """A picture.

    Of any size.
    """

    url: Annotated[str, Meta(min_length=3, pattern="^h", description="Where", examples=["http"])]
    width: int | None = None


class Solo(msgspec.Struct, tag_field="kind", tag="solo"):
    voice: str


class Band(msgspec.Struct, tag_field="kind", tag="band"):
    members: int


class Node(msgspec.Struct):
    value: int
    after: "Node | None" = None
    others: list["Node"] = []


class Sparse(msgspec.Struct, omit_defaults=True):
    a: int = 0
    b: int | msgspec.UnsetType = msgspec.UNSET


class Unset(msgspec.Struct):
    a: int | msgspec.UnsetType = msgspec.UNSET


class MaybeUnset(msgspec.Struct):
    a: int | msgspec.UnsetType


class Sparse2(msgspec.Struct, Generic[Item], omit_defaults=True):
    a: Item
    b: int = 0


@attrs.define
class WithPrivate:
    a: int
    _b: int = 1


@pydantic.dataclasses.dataclass
class OfPydantic:
    a: int
    b: dataclasses.InitVar[int]


class Row(msgspec.Struct, array_like=True):
    a: int
    b: str = ""


class ClosedRow(msgspec.Struct, array_like=True, tag="r", forbid_unknown_fields=True):
    a: int


class One(msgspec.Struct, tag=1):
    a: int


class Two(msgspec.Struct, tag=2):
    b: int


class FirstOptional(msgspec.Struct, array_like=True, kw_only=True):
    a: int = 0
    b: int


class Point(NamedTuple):
    x: int
    y: int = 0


@dataclasses.dataclass
class Plain:
    a: int
    b: list[int] = dataclasses.field(default_factory=list)


@attrs.define
class OfAttrs:
    a: int
    b: int = 1


class Loose(TypedDict, total=False):
    a: int


class Link(msgspec.Struct):
    url: str


class PageModel(pydantic.BaseModel, Generic[Item]):
    items: list[Item]


class Page(msgspec.Struct, Generic[Item]):
    items: list[Item]


class CoverModel(pydantic.BaseModel):
    """A picture."""

    url: Annotated[str, pydantic.Field(description="Where")]
    width: int = 0
    secret: str = pydantic.Field("", exclude=True)
    hook: Any = pydantic.Field(None, validation_alias="in", serialization_alias="out")


class NodeModel(pydantic.BaseModel):
    after: "NodeModel | None" = None


def described(annotation: Any, mode: Mode = "input") -> tuple[Any, dict[str, Any]]:
    components = Components()
    return resolved(components, schema_of(annotation).json_schema(components, mode))


def resolved(components: Components, document: Any) -> tuple[Any, dict[str, Any]]:
    found: tuple[Any, dict[str, Any]] = msgspec.json.decode(
        msgspec.json.encode(components.resolve(document)), type=tuple[Any, dict[str, Any]]
    )
    return found


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (Any, {}),
        (bool, {"type": "boolean"}),
        (Annotated[int, Meta(ge=1, lt=9)], {"type": "integer", "minimum": 1, "exclusiveMaximum": 9}),
        (
            Annotated[float, Meta(gt=1, le=9, multiple_of=0.5)],
            {"type": "number", "exclusiveMinimum": 1, "maximum": 9, "multipleOf": 0.5},
        ),
        (
            Annotated[str, Meta(min_length=1, max_length=2, pattern="a")],
            {"type": "string", "minLength": 1, "maxLength": 2, "pattern": "a"},
        ),
        (
            Annotated[str, Meta(title="T", description="D", extra_json_schema={"deprecated": True})],
            {"type": "string", "title": "T", "description": "D", "deprecated": True},
        ),
        (bytes, BYTES),
        (Annotated[bytes, Meta(min_length=1, max_length=4)], {**BYTES, "minLength": 4, "maxLength": 8}),
        (datetime.date, {"type": "string", "format": "date"}),
        (datetime.datetime, {"type": "string", "format": "date-time"}),
        (
            Annotated[datetime.datetime, Meta(tz=False)],
            {"type": "string", "format": "date-time-local"},
        ),
        (Annotated[datetime.time, Meta(tz=True)], {"type": "string", "format": "time"}),
        (Annotated[datetime.time, Meta(tz=False)], {"type": "string", "format": "time-local"}),
        (uuid.UUID, {"type": "string", "format": "uuid"}),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a"], {"type": "string", "const": "a"}),
        (Annotated[list[int], Meta(max_length=2)], {"type": "array", "items": {"type": "integer"}, "maxItems": 2}),
        (set[int], {"type": "array", "items": {"type": "integer"}}),
        (
            dict[Literal[1, 2], Any],
            {
                "type": "object",
                "additionalProperties": {},
                "propertyNames": {"enum": ["1", "2"]},
            },
        ),
        (Any | None, {}),
        (Annotated[list[Any], Meta(min_length=1)] | Any, {}),
        (
            tuple[int, str],
            {
                "type": "array",
                "minItems": 2,
                "maxItems": 2,
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
            },
        ),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (tuple[()], {"type": "array", "minItems": 0, "maxItems": 0, "items": {}}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (
            Annotated[dict[int, Any], Meta(min_length=1)],
            {
                "type": "object",
                "additionalProperties": {},
                "propertyNames": {"pattern": "^(0|-?[1-9][0-9]*)$"},
                "minProperties": 1,
            },
        ),
        (
            dict[uuid.UUID, Any],
            {
                "type": "object",
                "additionalProperties": {},
                "propertyNames": {"type": "string", "format": "uuid"},
            },
        ),
    ],
)  # fmt: skip
def test_types(annotation: Any, schema: dict[str, Any]) -> None:
    """Each type has its words."""
    assert described(annotation) == (schema, {})


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [("1", True), ("-1.50", True), (".5", True), ("1E+5", True), ("a", False), ("", False), ("NaN", False)],
)  # fmt: skip
def test_decimals(text: str, is_taken: bool) -> None:
    """A decimal is a number or its text, and the pattern takes what is read."""
    schema, _ = described(decimal.Decimal)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(text) == is_taken
    assert validator.is_valid(1.5)
    body = msgspec.json.encode(text)
    if is_taken:
        assert schema_of(decimal.Decimal).decode(body) == decimal.Decimal(text)
    else:
        with pytest.raises(ValidationError):
            schema_of(decimal.Decimal).decode(body)


def test_model() -> None:
    """A model is a component, with its docstring, its constraints, and what is said of a member."""
    schema, components = described(Cover)
    assert schema == {"$ref": "#/components/schemas/Cover"}
    assert [*components["Cover"]["properties"]] == ["url", "width"]
    assert components == {
        "Cover": {
            "title": "Cover",
            "description": "A picture.\n\nOf any size.",
            "type": "object",
            "properties": {
                "url": {
                    "type": "string",
                    "minLength": 3,
                    "pattern": "^h",
                    "description": "Where",
                    "examples": ["http"],
                },
                "width": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
            },
            "required": ["url"],
            "additionalProperties": False,
        }
    }


@pytest.mark.parametrize(
    ("model", "name", "incoming", "outgoing"),
    [
        (Cover, "Cover", ["url"], ["url", "width"]),
        (CoverModel, "CoverModel", ["url"], ["url", "width", "out"]),
        (Plain, "Plain", ["a"], ["a", "b"]),
        (OfAttrs, "OfAttrs", ["a"], ["a", "b"]),
        (Loose, "Loose", None, None),
        (Sparse, "Sparse", None, None),
        (Unset, "Unset", None, None),
        (Solo, "Solo", ["voice"], ["kind", "voice"]),
        (Partial[Solo], "PartialSolo", None, ["kind"]),
        (MaybeUnset, "MaybeUnset", ["a"], None),
        (Sparse2[int], "Sparse2_int", ["a"], ["a"]),
        (WithPrivate, "WithPrivate", ["a"], ["a"]),
        (OfPydantic, "OfPydantic", ["a", "b"], ["a"]),
    ],
)
def test_sides(model: Any, name: str, incoming: Any, outgoing: Any) -> None:
    """On the way out a member with a default is always there, unless it is left out then."""
    assert described(model, "input")[1][name].get("required") == incoming
    assert described(model, "output")[1][name].get("required") == outgoing


def test_names_of_the_sides() -> None:
    """Where the sides differ both are told, and so are the models around; else it is one."""
    for cover, page in ((Cover, Page[Cover]), (CoverModel, PageModel[CoverModel])):
        name = page.__name__ if cover is CoverModel else "Page[Cover]"
        name = name.replace("[", "_").rstrip("]")
        components = Components()
        schemas = [
            schema_of(each).json_schema(components, mode)
            for each in (GenericAlias(list, (page,)), cover, Link)
            for mode in ("input", "output")
        ]
        named, found = resolved(components, schemas)
        assert [each.get("items", each)["$ref"].rpartition("/")[2] for each in named] == [
            f"{name}Input",
            name,
            f"{cover.__name__}Input",
            cover.__name__,
            "Link",
            "Link",
        ]
        assert list(found) == sorted(
            [cover.__name__, f"{cover.__name__}Input", name, f"{name}Input", "Link"]
        )
        items = found[f"{name}Input"]["properties"]["items"]["items"]
        assert items == {"$ref": f"#/components/schemas/{cover.__name__}Input"}


def test_names_of_modules() -> None:
    """Classes that share a name are told from each other by their modules, or at last by number."""
    makers = [("api.v1", int), ("api.v2", str), ("api.v2", float)]
    components = Components()
    schemas = [
        schema_of(msgspec.defstruct("Cover", [("a", each)], module=module)).json_schema(
            components, "output"
        )
        for module, each in makers
    ]
    _, found = resolved(components, schemas)
    assert list(found) == ["api.v1.Cover", "api.v2.Cover", "api.v2.Cover2"]


def test_names_that_users_took() -> None:
    """A class that is named as another's side keeps its name, whatever comes first."""
    first = msgspec.defstruct("A", [("a", int, 1)], module="m")
    second = msgspec.defstruct("AInput", [("b", int)], module="m")
    for order in ((first, second), (second, first)):
        components = Components()
        schemas = [
            schema_of(each).json_schema(components, mode)
            for each in order
            for mode in ("input", "output")
        ]
        _, found = resolved(components, schemas)
        assert {name: [*each["properties"]] for name, each in found.items()} == {
            "A": ["a"],
            "AInput": ["b"],
            "AInput2": ["a"],
        }


def test_one_side_of_two_classes() -> None:
    """Classes of one name that are only sent are told apart by their modules."""
    components = Components()
    for module in ("m", "n"):
        schema_of(msgspec.defstruct("In", [(module, int)], module=module)).json_schema(
            components, "input"
        )
    both = [{"$ref": f"{components._begin}{index}"} for index in range(2)]
    assert list(resolved(components, both)[1]) == ["m.In", "n.In"]


def test_titles() -> None:
    """The title is the component's name, by which generators of clients name their classes."""
    for model in (Cover, CoverModel, Page[Cover], PageModel[CoverModel]):
        components = Components()
        schemas = [schema_of(model).json_schema(components, mode) for mode in ("input", "output")]
        for name, each in resolved(components, schemas)[1].items():
            assert each["title"] == name


def test_descriptions_that_nobody_wrote() -> None:
    """What `dataclass` writes for a docstring is not told."""
    assert "description" not in described(Plain)[1]["Plain"]


def test_partials_of_one_name() -> None:
    """A patch is named by its model's module too."""
    components = Components()
    for module in ("m", "n"):
        model = msgspec.defstruct("In", [(module, int)], module=module)
        schema_of(GenericAlias(Partial, (model,))).json_schema(components, "input")
    both = [{"$ref": f"{components._begin}{index}"} for index in range(2)]
    assert list(resolved(components, both)[1]) == ["m.PartialIn", "n.PartialIn"]


def test_two_classes_of_one_full_name() -> None:
    """Classes that only a number can tell apart get one, and the sides stay apart."""
    components = Components()
    for each in (int, str):
        model = msgspec.defstruct("In", [("a", each)], module="m")
        schema_of(model).json_schema(components, "input")
    both = [{"$ref": f"{components._begin}{index}"} for index in range(2)]
    assert list(resolved(components, both)[1]) == ["In", "In2"]


@pytest.mark.parametrize(("page", "model"), [(Page, Link), (PageModel, CoverModel)])
def test_names_of_generics(page: Any, model: Any) -> None:
    """A generic model has its arguments in its name, however deep."""
    for argument in (list[model], model | None, dict[str, model]):
        _, found = described(page[argument])
        name = model.__name__
        assert any(each.startswith(page.__name__) and name in each for each in found), found


def test_both_libraries() -> None:
    """An enum that models of both libraries use is one component."""
    struct = msgspec.defstruct("Struct", [("genre", Genre)])
    model = pydantic.create_model("Model", genre=Genre)
    components = Components()
    schemas = [schema_of(each).json_schema(components, "input") for each in (struct, model)]
    _, found = resolved(components, schemas)
    assert list(found) == ["Genre", "Model", "Struct"]
    assert found["Genre"] == {
        "title": "Genre",
        "description": "What it sounds like.",
        "type": "string",
        "enum": ["rock", "tango"],
        "x-enum-varnames": ["ROCK", "TANGO"],
    }


def test_enum_of_one() -> None:
    """An enum of one member is still an enum, for both libraries."""

    class Only(enum.Enum):
        ONE = "one"

    components = Components()
    for model in (
        msgspec.defstruct("Struct", [("only", Only)]),
        pydantic.create_model("Model", only=Only),
    ):
        schema_of(model).json_schema(components, "input")
    _, found = resolved(components, [{"$ref": f"{components._begin}{index}"} for index in range(4)])
    assert found["Only"] == {
        "title": "Only",
        "type": "string",
        "enum": ["one"],
        "x-enum-varnames": ["ONE"],
    }
    assert len(found) == 3


def test_enum_of_numbers() -> None:
    """The default of a docstring that nobody wrote is not told."""
    enum_of_numbers = {"title": "Rank", "type": "integer", "enum": [1, 2]}
    names = {"x-enum-varnames": ["FIRST", "SECOND"]}
    assert described(Rank)[1] == {"Rank": {**enum_of_numbers, **names}}


class Grade(enum.IntEnum):
    LOW = 1
    HIGH = 2
    BEST = 2


def test_names_of_an_enum() -> None:
    """A value that has two names is told once, with the first of them, for both libraries."""
    words = {"type": "integer", "enum": [1, 2], "x-enum-varnames": ["LOW", "HIGH"]}
    for model in (
        msgspec.defstruct("Struct", [("grade", Grade)]),
        pydantic.create_model("Model", grade=Grade),
    ):
        assert described(model)[1]["Grade"] == {"title": "Grade", **words}


class Born(msgspec.Struct):
    year: Annotated[int, Meta(examples=[1959])]
    parent: "Born | None" = None


class BornModel(pydantic.BaseModel):
    year: Annotated[int, pydantic.Field(examples=[1959])]


class Unborn(msgspec.Struct):
    year: int
    examples: str = ""


@pytest.mark.parametrize(
    ("annotation", "is_told"),
    [
        (Annotated[int, Meta(examples=[1])] | None, False),
        (list[Annotated[int, Meta(examples=[1])]] | None, False),
        (dict[str, Annotated[int, Meta(examples=[1])]] | None, False),
        (tuple[str, Annotated[int, Meta(examples=[1])]] | None, False),
        (Born | None, False),
        (list[Born] | None, False),
        (BornModel | None, False),
        (Annotated[int | None, pydantic.Field(examples=[1])], False),
        (int | None, True),
        (Unborn | None, True),
        (list[Unborn] | None, True),
    ],
)
def test_null_beside_an_example(annotation: Any, is_told: bool) -> None:
    """The default null is left out where there is an example, however deep: a page would show it."""
    if any(
        hasattr(each, "__pydantic_fields__") or isinstance(each, FieldInfo)
        for each in pieces_of(annotation)
    ):
        model: Any = pydantic.create_model("Model", it=(annotation, None))
    else:
        model = msgspec.defstruct("Struct", [("it", annotation, None)])
    member = described(model)[1][model.__name__]["properties"]["it"]
    assert ("default" in member) == is_told


class Detail(msgspec.Struct):
    number: int = 0


class Kept(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    tags: list[str] = []
    other: Detail | None = None


class KeptModel(pydantic.BaseModel):
    text: str
    number: int = 1


class Computed(pydantic.BaseModel):
    text: str = ""

    @pydantic.computed_field  # type: ignore[prop-decorator]  # mypy has no word for it
    @property
    def size(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("model", "names", "required"),
    [
        (Kept, {"Kept", "Detail"}, ["text"]),
        (KeptModel, {"KeptModel"}, ["text"]),
        (Detail, {"Detail"}, None),
        (Computed, {"Computed", "ComputedInput"}, ["text", "size"]),
    ],
)
@pytest.mark.parametrize("modes", [("input", "output"), ("output", "input")])
def test_sides_together(
    model: Any, names: set[str], required: Any, modes: tuple[Mode, Mode]
) -> None:
    """Where wanted a model is told once that differs by what is required, as what both sides keep."""
    components = Components(is_split=False)
    schemas = [schema_of(model).json_schema(components, mode) for mode in modes]
    told, found = resolved(components, schemas)
    assert {*found} == names
    assert found[model.__name__].get("required") == required
    assert len({*map(str, told)}) == (2 if model is Computed else 1)


@pytest.mark.parametrize("model", [Node, NodeModel])
def test_recursion(model: Any) -> None:
    """A model may hold itself."""
    schema, components = described(model, "output")
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    assert schema == reference
    after = components[model.__name__]["properties"]["after"]
    assert {**after, "default": None} == {"anyOf": [reference, {"type": "null"}], "default": None}


def test_union_of_models() -> None:
    """A tag tells the models of a union from each other."""
    schema, components = described(Solo | Band | None)
    solo, band = "#/components/schemas/Solo", "#/components/schemas/Band"
    chosen, null = schema["anyOf"]
    assert null == {"type": "null"}
    assert sorted(each["$ref"] for each in chosen["oneOf"]) == [band, solo]
    assert chosen["discriminator"] == {
        "propertyName": "kind",
        "mapping": {"solo": solo, "band": band},
    }
    assert components["Solo"]["properties"]["kind"] == {"type": "string", "const": "solo"}


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        (Row, [[1], [1, "a"], [1, "a", True]], [[], ["a"], [1, 2]]),
        (ClosedRow, [["r", 1]], [["r"], ["x", 1], ["r", 1, 2]]),
        (Point, [[1], [1, 2]], [[], [1, 2, 3]]),
        (One | Two, [{"type": 1, "a": 1}, {"type": 2, "b": 1}], [{"type": 3}, {"type": 1, "b": 1}]),
        (Solo, [{"voice": "a"}, {"kind": "solo", "voice": "a"}], [{"kind": "band", "voice": "a"}]),
        (Solo | None, [{"voice": "a"}, None], [{"kind": "band", "voice": "a"}]),
        (Solo | Band, [{"kind": "solo", "voice": "a"}], [{"voice": "a"}]),
        (FirstOptional, [[1, 2]], [[], [1]]),
        (dict[int, int], [{"1": 2}, {"-1": 2}], [{"a": 2}]),
        (Partial[Cover], [{}, {"width": None}], [{"url": None}, {"other": 1}]),
        (Partial[CoverModel], [{}, {"width": 1}], [{"url": None}]),
    ],
)
def test_agreement(annotation: Any, good: list[Any], bad: list[Any]) -> None:
    """What the schema says is what is read."""
    schema, components = described(annotation)
    validator = jsonschema.Draft202012Validator({**schema, "components": {"schemas": components}})
    for value in good:
        assert validator.is_valid(value)
        schema_of(annotation).decode(msgspec.json.encode(value))
    for value in bad:
        assert not validator.is_valid(value)
        with pytest.raises(ValidationError):
            schema_of(annotation).decode(msgspec.json.encode(value))


@pytest.mark.parametrize("model", [Cover, CoverModel])
def test_partial(model: Any) -> None:
    """A patch has a name of its own, requires nothing, has no default, and keeps what is said."""
    name = f"Partial{model.__name__}"
    components = Components()
    twice = [schema_of(Partial[model]).json_schema(components, "input") for _ in range(2)]
    named, found = resolved(components, twice)
    assert named == [{"$ref": f"#/components/schemas/{name}"}] * 2
    properties: Mapping[str, Any] = found[name]["properties"]
    assert "required" not in found[name]
    assert not any("default" in each for each in properties.values())
    assert properties["url"]["description"] == "Where"


@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        (int, None),
        (float, float("inf")),
        (float, float("nan")),
        (datetime.datetime, datetime.datetime(2020, 1, 1)),
        (Annotated[str, Meta(min_length=1)], ""),
        (Any, object()),
    ],
)
def test_defaults_that_break_the_type(annotation: Any, default: Any) -> None:
    """A default of another type, or one that JSON cannot tell, is not told: a reader would refuse it."""
    models: list[Any] = [msgspec.defstruct("Model", [("a", annotation, default)])]
    if default != "":  # pydantic does not know Meta
        models.append(pydantic.create_model("Model", a=(annotation, default)))
    for model in models:
        assert "default" not in described(model)[1]["Model"]["properties"]["a"]


def test_defaults_are_the_same_every_time() -> None:
    """The default of a set is sorted: its order differs from one start to the next."""
    model = msgspec.defstruct("Model", [("a", frozenset[str], frozenset("cba"))])
    assert described(model)[1]["Model"]["properties"]["a"]["default"] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "text",
    ["#/components/schemas/(0)", "#/components/schemas/Cover", "#/$defs/CoverModel", "\ud800"],
)
def test_texts_that_look_like_references(text: str) -> None:
    """What a programmer wrote is told as it is; half a surrogate as a question mark."""
    said = Annotated[str, Meta(description=text, examples=[object()])]
    struct = msgspec.defstruct("Model", [("a", said, ""), ("b", str, text)])
    model = pydantic.create_model("Model", b=(str, text), c=(CoverModel, ...))
    told = text.encode("utf-8", "replace").decode()
    assert described(struct)[1]["Model"]["properties"]["a"]["description"] == told
    for each in (struct, model):
        assert described(each)[1]["Model"]["properties"]["b"].get("default", told) == told


def test_extras_of_a_whole() -> None:
    """What a config says of the whole model does not hold for a part of it."""

    def take_default_out(schema: dict[str, Any]) -> None:
        del schema["default"]

    class Model(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(title="Nice", json_schema_extra={"required": ["a"]})
        a: int = pydantic.Field(1, json_schema_extra=take_default_out)
        b: int = pydantic.Field(1, json_schema_extra={"readOnly": True})

    found = described(Partial[Model])[1]["PartialModel"]
    assert "required" not in found
    assert found["title"] == "PartialModel"
    assert found["properties"]["b"] == {"type": "integer", "readOnly": True}


@pytest.mark.parametrize(
    "delta",
    [
        datetime.timedelta(),
        datetime.timedelta(days=3),
        datetime.timedelta(hours=30, seconds=1.5),
        -datetime.timedelta(minutes=1),
    ],
)
def test_durations(delta: datetime.timedelta) -> None:
    """The pattern of a duration takes what is written, and nothing that is not read."""
    schema, _ = described(datetime.timedelta)
    text = msgspec.json.decode(msgspec.json.encode(delta))
    assert re.search(schema["pattern"], text)
    for other in ("P1Y", "P1M", "P", "PT", "P1DT", "1D", "P1S"):
        assert not re.search(schema["pattern"], other)
        with pytest.raises(ValidationError):
            schema_of(datetime.timedelta).decode(msgspec.json.encode(other))


def test_what_has_no_schema() -> None:
    """A type that a schema cannot describe is left open, and the rest of the model is told."""

    class Odd:
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            from pydantic_core import core_schema

            return core_schema.no_info_plain_validator_function(lambda value: value)

    model = pydantic.create_model("Model", odd=Odd, even=int)
    assert described(model)[1]["Model"]["properties"] == {"odd": {}, "even": {"type": "integer"}}


def test_default_that_is_no_json() -> None:
    """A default that JSON cannot tell is not told."""
    for model in (
        msgspec.defstruct("Model", [("a", Any, object())]),
        pydantic.create_model("Model", a=(Any, object())),
    ):
        assert "default" not in described(model)[1]["Model"]["properties"]["a"]


def test_definition() -> None:
    """A reference is followed, but for null too; what is none is given back."""
    components = Components()
    for annotation in (Cover, Cover | None):
        schema = schema_of(annotation).json_schema(components, "input")
        assert "url" in components.definition(schema)["properties"]
    assert components.definition({"type": "string"}) == {"type": "string"}


def test_what_is_said_changes_no_verdict() -> None:
    """A description inside a union changes neither the faults nor the discriminator."""
    solo = Annotated[Solo, Meta(description="One")]
    band = Annotated[Band, Meta(description="Many")]
    text = Annotated[str, Meta(min_length=2, description="A text")]
    number = Annotated[int | float, Meta(description="A number")]
    fields = [
        ("act", solo | band | None, None),
        ("name", text | None, None),
        ("size", number | None, None),
    ]
    model = msgspec.defstruct("Model", fields)
    for annotation in (model, GenericAlias(Partial, (model,))):
        told: dict[str, Any] = {}
        sent: list[Any] = [{"name": "x"}, {"name": 1}, {"act": {}}, {"act": {"kind": "duo"}}]
        sent.append({"size": "x"})
        for value in sent:
            with pytest.raises(ValidationError) as caught:
                schema_of(annotation).decode(msgspec.json.encode(value))
            (fault,) = caught.value.errors
            told[msgspec.json.encode(value).decode()] = (fault.pointer, fault.code, fault.detail)
        assert told == {
            '{"name":"x"}': ("/name", "min_length", "Must have a length of at least 2"),
            '{"name":1}': ("/name", "type", "Expected str | null, got int"),
            '{"size":"x"}': ("/size", "type", "Expected int | float | null, got str"),
            '{"act":{}}': ("/act/kind", "required", "Required"),
            '{"act":{"kind":"duo"}}': ("/act/kind", "enum", 'Must be one of "solo", "band"'),
        }
        (found,) = (each for name, each in described(annotation)[1].items() if "Model" in name)
        (chosen, *_) = found["properties"]["act"]["anyOf"]
        assert chosen["discriminator"]["propertyName"] == "kind"


class Alone(msgspec.Struct, tag=True):
    lives: int = 9


class Other(msgspec.Struct, tag=True):
    name: str = ""


def items_of(module: str) -> list[Any]:
    """Make classes of one name, as modules have them."""
    item = type(
        "Item", (pydantic.BaseModel,), {"__module__": module, "__annotations__": {module: int}}
    )
    return [PageModel[item], PageModel[list[item]], PageModel[item | None]]  # type: ignore[valid-type]  # made above


@pytest.mark.parametrize(
    "annotations",
    [
        [Alone, Alone | Other],
        [*items_of("one"), *items_of("two")],
        [Page[Annotated[int, Meta(ge=1)]], Page[Annotated[int, Meta(ge=5)]]],
        [Page[Literal[1]], Page[Literal["1"]]],
    ],
    ids=str,
)
def test_names_in_any_order(annotations: list[Any]) -> None:
    """What is registered first makes no difference, nor where a class lies in memory."""
    in_order = described_together(annotations)
    backwards = described_together(annotations[::-1])
    assert in_order == (backwards[0][::-1], backwards[1])
    assert not any(re.search("[0-9]{6}", name) for name in in_order[1])


def described_together(annotations: list[Any]) -> tuple[list[Any], Mapping[str, Any]]:
    components = Components()
    return resolved(
        components, [schema_of(each).json_schema(components, "input") for each in annotations]
    )


class First(pydantic.BaseModel):
    kind: Literal["a"]


class Second(pydantic.BaseModel):
    kind: Literal["b"]
    form: Literal["x"]


class Third(pydantic.BaseModel):
    kind: Literal["b"] = "b"
    form: Literal["y"]


def test_union_in_a_tagged_union() -> None:
    """Where a tag leads to a union, OpenAPI's mapping has no word for it; the tags are asked for."""
    inner = Annotated[Second | Third, pydantic.Discriminator("form")]
    schema, _ = described(Annotated[First | inner, pydantic.Discriminator("kind")])
    assert "discriminator" not in schema
    assert schema["required"] == ["kind"]
    nested = schema["oneOf"][1]
    assert nested["discriminator"]["mapping"] == {
        "x": "#/components/schemas/Second",
        "y": "#/components/schemas/Third",
    }
    assert nested["required"] == ["form"]


class Secretive(pydantic.BaseModel):
    key: pydantic.SecretStr = pydantic.Field(pydantic.SecretStr("x"), max_length=3)


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (Literal["a", 1], {"anyOf": [{"type": "integer", "const": 1}, {"type": "string", "const": "a"}]}),
        (Annotated[Any, Meta(description="D")] | None, {"description": "D"}),
        (dict[Annotated[int, Meta(ge=0)], Any], {"type": "object", "additionalProperties": {}, "propertyNames": {"pattern": "^(0|[1-9][0-9]*)$"}}),
        (dict[int | datetime.date, Any], {"type": "object", "additionalProperties": {}, "propertyNames": {"anyOf": [{"pattern": "^(0|-?[1-9][0-9]*)$"}, {"type": "string", "format": "date"}]}}),
        (dict[int | str, Any], {"type": "object", "additionalProperties": {}}),
        (dict[Literal["a"], Any], {"type": "object", "additionalProperties": {}, "propertyNames": {"type": "string", "const": "a"}}),
        (pydantic.NaiveDatetime, {"type": "string", "format": "date-time-local"}),
        (Annotated[bytes, pydantic.Field(min_length=1)], {"type": "string", "minLength": 1}),
        (Annotated[Literal["a", 1], pydantic.Field(description="D")], {"description": "D", "anyOf": [{"type": "string", "const": "a"}, {"type": "integer", "const": 1}]}),
        (Annotated[Any | None, pydantic.Field(description="D")], {"description": "D"}),
    ],
    ids=str,
)  # fmt: skip
def test_words(annotation: Any, schema: dict[str, Any]) -> None:
    """What a type takes, in words that generators read."""
    assert described(annotation) == (schema, {})


def test_secrets() -> None:
    """What is written of a secret is neither its default nor of its length."""
    (secret,) = described(Secretive)[1]["Secretive"]["properties"].values()
    assert secret == {"type": "string", "format": "password", "writeOnly": True}
