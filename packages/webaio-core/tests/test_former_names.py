"""Names that were public until 0.4 work for one more release, each with a warning."""

import importlib
from typing import Any

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

import webaio.schemas
from webaio.exceptions import Fault, ImproperlyConfigured, ParseError, ValidationError, pointer
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

MOVED: dict[tuple[str, str], tuple[Any, str]] = {
    ("webaio.configuration", "ImproperlyConfigured"): (
        ImproperlyConfigured,
        "ImproperlyConfigured",
    ),
    ("webaio.schemas", "Fault"): (Fault, "Fault"),
    ("webaio.schemas", "Invalid"): (ValidationError, "ValidationError"),
    ("webaio.schemas", "Malformed"): (ParseError, "ParseError"),
    ("webaio.schemas", "pointer"): (pointer, "pointer"),
}
PRIVATE = {
    "webaio.decorators": ["ActionMark", "Operation", "action_mark", "operation_of"],
    "webaio.parameters": [
        *("Contract", "Parameter", "binding_of", "body_binding_of", "claimed_keys", "contract_of"),
    ],
    "webaio.routers": ["Action", "Place", "action_served", "is_refusal"],
    "webaio.schemas": ["Components", "Field", "Texts", "to_json", "with_default"],
}


@pytest.mark.parametrize(("module", "name"), MOVED)
def test_moved(module: str, name: str) -> None:
    """What has moved is found, and the warning says where it is now."""
    new, new_name = MOVED[module, name]
    with pytest.warns(
        DeprecationWarning, match=rf"{module}.{name} .* webaio.exceptions.{new_name}$"
    ):
        assert getattr(importlib.import_module(module), name) is new


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in PRIVATE.items() for name in names]
)
def test_private(module: str, name: str) -> None:
    """What is private now is found too."""
    with pytest.warns(DeprecationWarning, match=rf"{module}.{name} .* it is private"):
        assert getattr(importlib.import_module(module), name) is not None


@pytest.mark.parametrize("module", ["webaio.configuration", *PRIVATE])
def test_unknown(module: str) -> None:
    """Any other name is none, and is asked for without a warning."""
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        getattr(importlib.import_module(module), "Nothing")  # noqa: B009  # mypy refuses it as an attribute


async def test_former_ways(aiohttp_client: AiohttpClient) -> None:
    """What was written with the former names does what it did."""
    with pytest.warns(DeprecationWarning, match="webaio.exceptions.ValidationError"):
        invalid: Any = webaio.schemas.Invalid
    with pytest.warns(DeprecationWarning, match="webaio.exceptions.ParseError"):
        malformed = webaio.schemas.Malformed
    assert issubclass(invalid, ValueError)
    assert issubclass(malformed, ValueError)
    with pytest.raises(invalid) as caught:
        webaio.schemas.schema_of(int).decode(b'"x"')
    with pytest.warns(DeprecationWarning, match="ValidationError.errors"):
        assert [each.code for each in caught.value.faults] == ["type"]
    with pytest.raises(malformed):
        webaio.schemas.schema_of(int).decode(b"{")

    class ArtistViewSet(BaseViewSet):
        async def list(self, broken: bool = False) -> None:
            if broken:
                raise malformed("It is broken.")
            raise invalid([Fault("/name", "taken", "It is taken")])

    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    with pytest.warns(DeprecationWarning, match="errors="):
        response = await client.get("/artist/")
    assert response.status == 422
    assert (await response.json(content_type=None))["errors"][0]["pointer"] == "/name"
    response = await client.get("/artist/?broken=true")
    assert response.status == 400
    assert (await response.json(content_type=None))["detail"] == "It is broken."
