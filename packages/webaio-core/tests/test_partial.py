"""`Partial[Model]`: some members of a model, where absent is not null (RFC 7396)."""

import dataclasses
import datetime
import json
import types
from types import GenericAlias
from typing import Annotated, Any, Literal, TypedDict

import attrs
import msgspec
import pydantic
import pytest
from msgspec import Meta
from pydantic.alias_generators import to_camel

from webaio.exceptions import Fault, ParseError, ValidationError
from webaio.schemas import Partial, Unsupported, schema_of


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
    with pytest.raises(ValidationError) as caught:
        patch(make, body)
    assert {(each.pointer, each.code) for each in caught.value.errors} == expected


@BOTH
def test_malformed(make: Any) -> None:
    """A patch is as strict a JSON as any body."""
    with pytest.raises(ParseError):
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
    with pytest.raises(ValidationError) as caught:
        patch(make, b'{"name": "nobody"}').apply(make())
    assert caught.value.errors == (Fault("", "value", "Nobody is no artist"),)


@BOTH
def test_nothing_to_change(make: Any) -> None:
    """Where there is nothing yet, a change must be complete."""
    empty = patch(make, b'{"cover": null}').apply(make())
    assert patch(make, b'{"cover": {"url": "ftp"}}').apply(empty).cover.url == "ftp"
    with pytest.raises(ValidationError) as caught:
        patch(make, b'{"cover": {"width": 1}}').apply(empty)
    (fault,) = caught.value.errors
    assert fault.pointer.startswith("/cover")
    assert fault.code == "required"


@BOTH
def test_a_model_inside_itself(make: Any) -> None:
    """Of a model inside itself the whole is sent."""
    assert patch(make, b'{"label": {"name": "a"}}').apply(make()).label.name == "a"
    with pytest.raises(ValidationError):
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
    with pytest.raises(ValidationError):
        schema.decode(b'{"volume": -1}')


@pytest.mark.parametrize(
    "annotation", [Partial, Partial[int], Partial[list[Artist]], list[Partial[Artist]]]
)
def test_unsupported(annotation: Any) -> None:
    """Partial is for one model, as a whole body."""
    with pytest.raises(Unsupported):
        schema_of(annotation)


class Solo(msgspec.Struct, tag=True):
    voice: str


class Band(msgspec.Struct, tag=True):
    members: int
    name: str = ""


class Duo(msgspec.Struct, tag=True):
    voice: str


class Two(msgspec.Struct, rename="camel"):
    front_cover: Cover
    back_cover: Cover
    lineup: Solo | Band | Duo | None = None
    cover_or_url: Cover | str = ""
    links: Annotated[dict[str, int], Meta(min_length=1, max_length=2)] = msgspec.field(
        default_factory=lambda: {"a": 1}
    )
    settings: Settings | None = None


class SoloModel(pydantic.BaseModel):
    kind: Literal["solo"]
    voice: str


class BandModel(pydantic.BaseModel):
    kind: Literal["band"]
    members: int
    name: str = ""


class SettingsModel(pydantic.BaseModel):
    volume: int
    muted: bool


class DuoModel(pydantic.BaseModel):
    kind: Literal["duo"]
    voice: str


class TwoModel(pydantic.BaseModel, alias_generator=to_camel, validate_by_name=True):
    front_cover: CoverModel
    back_cover: CoverModel
    lineup: SoloModel | BandModel | DuoModel | None = pydantic.Field(None, discriminator="kind")
    cover_or_url: CoverModel | str = ""
    links: Annotated[dict[str, int], pydantic.Field(min_length=1, max_length=2)] = {"a": 1}
    settings: SettingsModel | None = None
    nick_name: str = ""

    @pydantic.field_validator("nick_name")
    @classmethod
    def check_nick_name(cls, name: str) -> str:
        if name == "nobody":
            raise ValueError("Nobody is no name")
        return name


def two() -> Two:
    return Two(Cover("http", 1), Cover("ftps", 2), Solo("tenor"))


def two_models() -> TwoModel:
    return TwoModel(
        front_cover=CoverModel(url="http", width=1),
        back_cover=CoverModel(url="ftps", width=2),
        lineup=SoloModel(kind="solo", voice="tenor"),
    )


TWO = pytest.mark.parametrize("make", [two, two_models])


@TWO
def test_one_model_in_two_places(make: Any) -> None:
    """A model that stands in two places is changed in both."""
    after = patch(make, b'{"backCover": {"width": 5}, "frontCover": {"url": "new"}}').apply(make())
    assert (after.back_cover.url, after.back_cover.width) == ("ftps", 5)
    assert (after.front_cover.url, after.front_cover.width) == ("new", 1)


@TWO
def test_another_member_of_a_union(make: Any) -> None:
    """What is stored as another member of a union is replaced, and so must be complete."""
    after = patch(make, b'{"lineup": {' + tag(make, "Band") + b', "members": 3}}').apply(make())
    assert after.lineup.members == 3
    after = patch(make, b'{"coverOrUrl": {"url": "http"}}').apply(make())
    assert after.cover_or_url.url == "http"
    with pytest.raises(ValidationError) as caught:
        patch(make, b'{"coverOrUrl": {"width": 1}}').apply(make())
    assert [each.pointer for each in caught.value.errors] == ["/coverOrUrl/url"]


def tag(make: Any, name: str) -> bytes:
    return json.dumps({"type": name} if make is two else {"kind": name.lower()})[1:-1].encode()


@TWO
def test_tags(make: Any) -> None:
    """The tag tells a change of what is stored from another member with the same fields."""
    band = b'{"lineup": {' + tag(make, "Band") + b', "members": 2, "name": "a"}}'
    after = patch(make, band).apply(make())
    after = patch(make, b'{"lineup": {' + tag(make, "Band") + b', "members": 3}}').apply(after)
    assert (after.lineup.members, after.lineup.name) == (3, "a")
    after = patch(make, b'{"lineup": {' + tag(make, "Duo") + b', "voice": "alto"}}').apply(make())
    assert type(after.lineup) in (Duo, DuoModel)


def test_place_of_a_validator() -> None:
    """What a validator of a field refuses has the client's name of it."""
    with pytest.raises(ValidationError) as caught:
        patch(two_models, b'{"nickName": "nobody"}').apply(two_models())
    assert [each.pointer for each in caught.value.errors] == ["/nickName"]


@TWO
@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        (b'{"links": {"b": 1, "c": 2}}', "/links", "max_length"),
        (b'{"links": {"a": null}}', "/links", "min_length"),
        (b'{"settings": {"volume": 3}}', "/settings/muted", "required"),
    ],
)
def test_what_is_merged_is_checked(make: Any, body: bytes, place: str, code: str) -> None:
    """Merging can break a constraint that each part keeps; the place is the client's name."""
    with pytest.raises(ValidationError) as caught:
        patch(make, body).apply(make())
    assert [(each.pointer, each.code) for each in caught.value.errors] == [(place, code)]


@TWO
def test_what_was_stored_is_not_blamed(make: Any) -> None:
    """A member that was stored broken is no fault of a client that changes another."""
    stored = make()
    stored.links = {}
    after = patch(make, b'{"coverOrUrl": "x"}').apply(stored)
    assert (after.cover_or_url, after.links) == ("x", {})


class Account(pydantic.BaseModel, extra="allow", validate_default=True):
    name: str
    password: Annotated[str, pydantic.AfterValidator(lambda text: f"hash({text})")]
    tags: pydantic.RootModel[list[str]] = pydantic.RootModel[list[str]]([])
    size: int = 0

    @pydantic.field_validator("name")
    @classmethod
    def strip(cls, name: str) -> str:
        return name.strip()


def account() -> Account:
    return Account(name="a", password="x")


def test_validators_that_change() -> None:
    """A validator runs once on what is sent, and not again on what is stored."""
    assert patch(account, b'{"size": 2}').apply(account()).password == "hash(x)"
    assert patch(account, b'{"password": "y"}').apply(account()).password == "hash(y)"
    assert patch(account, b'{"name": " b "}').apply(account()).name == "b"
    assert patch(account, b'{"tags": ["a"]}').apply(account()).tags.root == ["a"]
    assert patch(account, b'{"other": 5}').apply(account()).model_extra == {"other": 5}


@dataclasses.dataclass
class Derived:
    name: str
    length: int = dataclasses.field(init=False, default=0)


@attrs.define
class Private:
    name: str = attrs.field(validator=attrs.validators.max_len(3))
    _hidden: int = 0


def test_members_that_a_constructor_does_not_take() -> None:
    """A dataclass's own members are not the client's; an attrs class's private ones are."""
    changed = schema_of(Partial[Derived]).decode(b'{"name": "b", "length": 5}')
    assert changed.apply(Derived("a")) == Derived("b")
    hidden = schema_of(Partial[Private]).decode(b'{"_hidden": 5}')
    assert hidden.apply(Private("a")) == Private("a", 5)
    with pytest.raises(ValidationError, match="Invalid value"):
        schema_of(Partial[Private]).decode(b'{"name": "kwijibo"}').apply(Private("a"))


@pytest.mark.parametrize("annotation", [Partial[pydantic.RootModel[list[int]]]])
def test_root_model(annotation: Any) -> None:
    """A model that is no object has no members."""
    with pytest.raises(Unsupported):
        schema_of(annotation)


class Vault(pydantic.BaseModel):
    size: int = 0
    secret: pydantic.SecretStr
    hidden: str = pydantic.Field("default", exclude=True)
    day: datetime.date = datetime.date(2026, 1, 1)

    @pydantic.field_validator("secret")
    @classmethod
    def harden(cls, secret: pydantic.SecretStr) -> pydantic.SecretStr:
        return pydantic.SecretStr(f"hard {secret.get_secret_value()}")

    @pydantic.field_serializer("day")
    def written(self, day: datetime.date) -> str:
        return day.strftime("%d/%m/%Y")


class Bank(pydantic.BaseModel):
    vault: Vault
    vaults: dict[str, Vault] = {}


def vault() -> Vault:
    return Vault(secret=pydantic.SecretStr("x"), hidden="h")


def bank() -> Bank:
    return Bank(vault=vault(), vaults={"a": vault()})


def test_nothing_goes_through_its_json() -> None:
    """What a serializer hides or rewrites is stored as it is."""
    after = patch(vault, b'{"secret": "y", "hidden": "new", "day": "2026-02-01"}').apply(vault())
    assert after.secret.get_secret_value() == "hard y"
    assert (after.hidden, after.day) == ("new", datetime.date(2026, 2, 1))


def test_nothing_beside_a_nested_change_changes() -> None:
    """What is stored in a member stays, when another part of that member is sent."""
    body = b'{"vault": {"size": 2}, "vaults": {"a": {"size": 3}, "b": {"secret": "z"}}}'
    after = patch(bank, body).apply(bank())
    assert (after.vault.size, after.vaults["a"].size) == (2, 3)
    assert after.vault.secret.get_secret_value() == "hard x"
    assert after.vaults["a"].secret.get_secret_value() == "hard x"
    assert (after.vault.hidden, after.vaults["a"].hidden) == ("h", "h")


class Meter(msgspec.Struct):
    least: Annotated[int, Meta(ge=0)]
    most: int = 0


class Meters(msgspec.Struct):
    meter: Meter
    named: dict[str, Annotated[int, Meta(ge=0)]] = {}


class LockedMeter(Meter):
    lock: object = None


def test_what_is_broken_beside_the_change_is_not_blamed() -> None:
    """However deep it is stored, a value that was not sent is not the client's fault."""
    stored = Meters(Meter(-1), {"a": -1})
    schema = schema_of(Partial[Meters])
    assert schema.decode(b'{"meter": {"most": 3}}').apply(stored).meter == Meter(-1, 3)
    assert schema.decode(b'{"named": {"b": 3}}').apply(stored).named == {"a": -1, "b": 3}


def test_stored_with_what_is_no_json() -> None:
    """A stored row may hold what no client sees."""
    changed = schema_of(Partial[Meter]).decode(b'{"most": 3}')
    lock = object()
    assert changed.apply(LockedMeter(1, lock=lock)) == LockedMeter(1, 3, lock)


def test_dict_without_an_optional_member() -> None:
    """A stored dict gets the members that it lacks, and keeps those that the model has not."""
    stored = {"name": "a", "cover": {"url": "http", "secret": 1}}
    after: dict[str, Any] = patch(struct, b'{"bornOn": 5, "cover": {"width": 7}}').apply(stored)
    assert after == {
        "name": "a",
        "born_on": 5,
        "cover": {"url": "http", "secret": 1, "width": 7},
    }


@pytest.mark.parametrize("target", [object(), types.SimpleNamespace(name="a"), Derived("a")])
def test_targets_that_cannot_be_changed(target: Any) -> None:
    """That is the programmer's mistake too."""
    with pytest.raises(TypeError):
        Partial[Any]({"name": "b", "length": 5}).apply(target)


class Aliased(pydantic.BaseModel, extra="allow"):
    size: int | None = pydantic.Field(1, alias="Size")


def test_unknown_member_with_the_name_of_a_field() -> None:
    """A key that only looks like a field does not empty it."""
    schema = schema_of(Partial[Aliased])
    assert schema.decode(b'{"size": 5}').apply(Aliased(Size=1)).size == 1
    assert schema.decode(b'{"Size": 5}').apply(Aliased(Size=1)).size == 5


class NameTaken(ValidationError):
    """What an application says of a value by itself."""

    code = "name_taken"


@dataclasses.dataclass
class Named:
    name: str

    def __post_init__(self) -> None:
        if self.name == "Gus":
            raise NameTaken(errors=[Fault("/name", "taken", "It is taken")])


def test_errors_of_the_targets_own_class() -> None:
    """What the target raises by itself goes on as it is; from deeper, with the place before it."""
    patch = schema_of(Partial[Named]).decode(b'{"name": "Gus"}')
    with pytest.raises(NameTaken):
        patch.apply(Named("Charly"))
