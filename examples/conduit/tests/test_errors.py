from typing import Any

import pytest
from webaio.testing import APIClient

from conduit.security import Me
from conftest import Client

from .test_articles import DRAGON, write

REQUIRED = ["Required"]
REGISTER = {"username": "carl", "email": "carl@mail.example", "password": "a long sentence"}
TEXTS: list[Any] = ["\0", "a\0b", "\ud800", "x" * 200_000, "", [], {}, None, 1, True]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"user": REQUIRED}),
        ({"user": {}}, {"username": REQUIRED, "email": REQUIRED, "password": REQUIRED}),
        (
            {"user": REGISTER | {"password": "short"}},
            {"password": ["Must have a length of at least 8"]},
        ),
        ([], {"body": ["Expected object, got array"]}),
    ],
)
async def test_shape(api_client: APIClient, body: Any, errors: dict[str, list[str]]) -> None:
    """Faults stand at the member that they are of, the rest at `body`."""
    assert await api_client.post("/api/users", json=body, expect=422) == {"errors": errors}


async def test_shape_of_other_errors(api_client: APIClient) -> None:
    """Every error has one shape."""
    for method, url, status in [
        ("GET", "/api/articles?limit=0", 422),
        ("GET", "/api/user", 401),
        ("GET", "/nowhere", 404),
        ("PATCH", "/api/tags", 405),
    ]:
        answer = await api_client.request(method, url, expect=status)
        assert answer.keys() == {"errors"}
        assert all(isinstance(each, list) for each in answer["errors"].values())


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "url",
    [
        "/api/articles/%00",
        "/api/articles/%ED%A0%80",
        "/api/articles/" + "x" * 5000,
        "/api/articles/x%2Fy",
        "/api/articles/%7Bslug%7D",
        "/api/profiles/%00",
        "/api/profiles/%ED%A0%80",
        "/api/profiles/" + "x" * 5000,
        "/api/articles?author=%00",
        "/api/articles?tag=%00",
        "/api/articles?favorited=%ED%A0%80",
        "/api/articles?offset=99999999999999999999",
        "/api/articles?limit=-1",
        "/api/articles/x/comments",
    ],
)
async def test_urls(api_client: APIClient, url: str) -> None:
    """Whatever stands in a URL, the answer is no 500."""
    await api_client.get(url, expect=(200, 404, 422))


async def test_ids(client_of: Client, ann: Me) -> None:
    """An id that no comment can have is a 404."""
    client = await client_of(ann)
    url = f"/api/articles/{(await write(client))['slug']}/comments"
    for id in ("0", "-1", "2147483647", "99999999999999999999999999", "1.0", "x", "%00", "²"):
        await client.delete(f"{url}/{id}", expect=404)


@pytest.mark.parametrize("member", [*DRAGON])
async def test_texts(api_client: APIClient, member: str, ann: Me) -> None:
    """What no article can have is refused, and no 500."""
    api_client.log_in(ann)
    for text in TEXTS:
        body = {"article": DRAGON | {member: [text] if member == "tagList" else text}}
        await api_client.post("/api/articles", json=body, expect=(400, 422))
