"""`Partial[Model]`: some members of a model, where absent is not null (RFC 7396)."""

import dataclasses
from types import GenericAlias
from typing import Annotated, Any, TypedDict

import attrs
import msgspec
import pydantic
import pytest
from msgspec import Meta

from webaio.schemas import Fault, Invalid, Malformed, Partial, Unsupported, schema_of


class Cover(msgspec.Struct, forbid_unknown_fields=True):
    url: Annotated[str, Meta(min_length=3)]
    width: int = 0


class Artist(msgspec.Struct, rename={"born_on": "bornOn"}):
    name: Annotated[str, Meta(min_length=1)]
    born_on: int | None = None
    tags: list[str] = []
    cover: Cover | None = None
    links: dict[str, int] = {}
    covers: dict[str, Cover] = {}
    label: "Artist | None" = None

    def __post_init__(self) -> None:
        if self.name == "nobody":
            raise ValueError("Nobody is no artist")


class CoverModel(pydantic.BaseModel, extra="forbid"):
    url: Annotated[str, pydantic.Field(min_length=3)]
    width: int = 0


class ArtistModel(pydantic.BaseModel, strict=True):
    name: Annotated[str, pydantic.Field(min_length=1)]
    born_on: int | None = pydantic.Field(None, alias="bornOn")
    tags: list[str] = []
    cover: CoverModel | None = None
    links: dict[str, int] = {}
    covers: dict[str, CoverModel] = {}
    label: "ArtistModel | None" = None

    @pydantic.model_validator(mode="after")
    def check(self) -> "ArtistModel":
        if self.name == "nobody":
            raise ValueError("Nobody is no artist")
        return self


def struct() -> Artist:
    return Artist("Gus", born_on=1959, links={"a": 1, "b": 2}, cover=Cover("http", 5))


def model() -> ArtistModel:
    return ArtistModel(
        name="Gus", bornOn=1959, links={"a": 1, "b": 2}, cover=CoverModel(url="http", width=5)
    )


BOTH = pytest.mark.parametrize("make", [struct, model])


def patch(make: Any, body: bytes) -> Any:
    return schema_of(GenericAlias(Partial, (type(make()),))).decode(body)


@BOTH
@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (b"{}", {}),
        (b'{"name": "Zeta"}', {"name": "Zeta"}),
        (b'{"bornOn": null}', {"born_on": None}),
        (b'{"tags": []}', {"tags": []}),
        (b'{"x": 1}', {}),
        (b'{"cover": {"width": 7}}', {"cover": Partial({"width": 7})}),
        (b'{"cover": null}', {"cover": None}),
        (b'{"links": {"a": null, "c": 3}}', {"links": {"a": None, "c": 3}}),
    ],
)
def test_changes(make: Any, body: bytes, changes: dict[str, Any]) -> None:
    """What is sent is there, by its Python name, and what is absent is not."""
    assert patch(make, body) == Partial(changes)


@BOTH
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"name": null}', {("/name", "type")}),
        (b'{"name": ""}', {("/name", "min_length")}),
        (b'{"bornOn": "x", "tags": [1]}', {("/bornOn", "type"), ("/tags/0", "type")}),
        (b'{"cover": {"url": ""}}', {("/cover/url", "min_length")}),
        (b'{"cover": {"x": 1}}', {("/cover/x", "unknown")}),
        (b'{"links": {"a": "x"}}', {("/links/a", "type")}),
        (b'{"covers": {"a": {"url": "h"}}}', {("/covers/a/url", "min_length")}),
        (b"[]", {("", "type")}),
    ],
)
def test_faults(make: Any, body: bytes, expected: set[tuple[str, str]]) -> None:
    """Each member is checked as in the model; null is taken only where the type takes it."""
    with pytest.raises(Invalid) as caught:
        patch(make, body)
    assert {(each.pointer, each.code) for each in caught.value.faults} == expected


@BOTH
def test_malformed(make: Any) -> None:
    """A patch is as strict a JSON as any body."""
    with pytest.raises(Malformed):
        patch(make, b'{"name": "a", "name": "b"}')


@BOTH
def test_apply(make: Any) -> None:
    """Members are replaced, models merged, and a null takes a name out of a dict."""
    before = make()
    after = patch(
        make,
        b'{"name": "Zeta", "bornOn": null, "cover": {"width": 7}, "links": {"a": null, "c": 3},'
        b' "covers": {"front": {"url": "ftp"}}}',
    ).apply(before)
    assert before == make()
    assert type(after) is type(before)
    assert (after.name, after.born_on, after.tags) == ("Zeta", None, [])
    assert (after.cover.url, after.cover.width) == ("http", 7)
    assert after.links == {"b": 2, "c": 3}
    assert after.covers["front"].url == "ftp"


@BOTH
def test_whole_is_checked(make: Any) -> None:
    """The model's own validator has the last word, as a fault of the client."""
    with pytest.raises(Invalid) as caught:
        patch(make, b'{"name": "nobody"}').apply(make())
    assert caught.value.faults == (Fault("", "value", "Nobody is no artist"),)


@BOTH
def test_nothing_to_change(make: Any) -> None:
    """Where there is nothing yet, a change must be complete."""
    empty = patch(make, b'{"cover": null}').apply(make())
    assert patch(make, b'{"cover": {"url": "ftp"}}').apply(empty).cover.url == "ftp"
    with pytest.raises(Invalid) as caught:
        patch(make, b'{"cover": {"width": 1}}').apply(empty)
    (fault,) = caught.value.faults
    assert fault.pointer.startswith("/cover")
    assert fault.code == "required"


@BOTH
def test_a_model_inside_itself(make: Any) -> None:
    """Of a model inside itself the whole is sent."""
    assert patch(make, b'{"label": {"name": "a"}}').apply(make()).label.name == "a"
    with pytest.raises(Invalid):
        patch(make, b'{"label": {"bornOn": 1}}')


@dataclasses.dataclass(frozen=True)
class Row:
    id: int
    name: str
    born_on: int | None


@attrs.frozen
class AttrsRow:
    id: int
    name: str
    born_on: int | None


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Row(1, "a", 1), Row(1, "b", None)),
        (AttrsRow(1, "a", 1), AttrsRow(1, "b", None)),
        ({"id": 1, "name": "a", "born_on": 1}, {"id": 1, "name": "b", "born_on": None}),
    ],
)
def test_apply_to_what_is_stored(target: Any, expected: Any) -> None:
    """The target may be another class that has the members."""
    changes = patch(struct, b'{"name": "b", "bornOn": null}')
    assert changes.apply(target) == expected
    assert target != expected


def test_made_by_hand() -> None:
    """A test of an action can make one."""
    assert Partial[Artist]({"name": "b"}).apply(Artist("a", 1)) == Artist("b", 1)


def test_apply_to_a_class_without_the_member() -> None:
    """That is the programmer's mistake, not the client's."""
    with pytest.raises(TypeError):
        patch(struct, b'{"tags": ["a"]}').apply(Row(1, "a", 1))


class Settings(TypedDict):
    volume: Annotated[int, Meta(ge=0)]
    muted: bool


def test_typed_dict() -> None:
    """A TypedDict can be patched too."""
    schema = schema_of(Partial[Settings])
    changed: Settings = schema.decode(b'{"volume": 3}').apply({"volume": 1, "muted": True})
    assert changed == {"volume": 3, "muted": True}
    with pytest.raises(Invalid):
        schema.decode(b'{"volume": -1}')


@pytest.mark.parametrize(
    "annotation", [Partial, Partial[int], Partial[list[Artist]], list[Partial[Artist]]]
)
def test_unsupported(annotation: Any) -> None:
    """Partial is for one model, as a whole body."""
    with pytest.raises(Unsupported):
        schema_of(annotation)
