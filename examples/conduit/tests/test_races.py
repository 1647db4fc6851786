import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from webaio.testing import APIClient

from main import create_app

from .test_articles import write

SAME = {"username": "carl", "email": "carl@mail.example", "password": "a long sentence"}


@pytest.fixture
def app(own_database: str) -> web.Application:
    """The application, where transactions meet."""
    return create_app(own_database)


async def statuses(asked: Callable[[], Awaitable[int]], times: int) -> Counter[int]:
    return Counter(await asyncio.gather(*(asked() for _ in range(times))))


async def test_registrations(api_client: APIClient) -> None:
    """Of ten at once with one name one is there, and the others are told."""
    url, body = "/api/users", {"user": SAME}

    async def register() -> int:
        async with api_client.session.post(url, json=body) as response:
            if response.status == 422:
                assert (await response.json())["errors"].keys() == {"username", "email"}
            return response.status

    assert await statuses(register, 10) == {201: 1, 422: 9}


async def test_articles(api_client: APIClient) -> None:
    """Articles with one title, and favorites twice at once, are no errors."""
    user = (await api_client.post("/api/users", json={"user": SAME}, expect=201))["user"]
    api_client.authenticate(user["token"], scheme="Token")
    articles = await asyncio.gather(*(write(api_client) for _ in range(10)))
    slugs = {each["slug"] for each in articles}
    assert len(slugs) == 10
    url = f"/api/articles/{slugs.pop()}/favorite"
    await asyncio.gather(*(api_client.post(url, expect=200) for _ in range(10)))
    assert (await api_client.post(url))["article"]["favoritesCount"] == 1
