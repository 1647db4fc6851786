from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from webaio.testing import APIClient, assert_queries

from conduit.security import Me, token_of
from conduit.tables import Article, Favorite, Follow, Tag
from conftest import Client

DRAGON: dict[str, Any] = {
    "title": "How to train your dragon",
    "description": "Ever wonder how?",
    "body": "Very carefully.",
    "tagList": ["training", "dragons"],
}


async def write(client: APIClient, **members: Any) -> dict[str, Any]:
    body = {"article": DRAGON | members}
    article: dict[str, Any] = (await client.post("/api/articles", json=body, expect=201))["article"]
    return article


async def slugs(client: APIClient, query: str = "") -> list[str]:
    found = await client.get(f"/api/articles{query}")
    return [each["slug"] for each in found["articles"]]


async def test_create(api_client: APIClient, client_of: Client, ann: Me) -> None:
    """An article is shown as it was written, its tags in their order."""
    article = await write(await client_of(ann))
    assert article.items() >= {**DRAGON, "tagList": ["dragons", "training"]}.items()
    assert article["slug"].startswith("how-to-train-your-dragon-")
    assert article["createdAt"] <= article["updatedAt"]
    assert (article["favorited"], article["favoritesCount"]) == (False, 0)
    author = {"username": "ann", "bio": "", "image": "", "following": False}
    assert article["author"] == author
    url = f"/api/articles/{article['slug']}"
    assert await api_client.get(url) == {"article": article}
    del article["body"]
    listed = {"articles": [article], "articlesCount": 1}
    assert await api_client.get("/api/articles") == listed


async def test_what_nobody_sends(client_of: Client, ann: Me, bob: Me) -> None:
    """What a client must not say is ignored: author, slug, counts."""
    theirs = {"slug": "mine", "author_id": bob.id, "author": "bob", "favoritesCount": 9, "id": 7}
    article = await write(await client_of(ann), **theirs)
    assert article["slug"] != "mine"
    assert (article["author"]["username"], article["favoritesCount"]) == ("ann", 0)


@pytest.mark.parametrize("title", ["How to", "¿Cómo?", "龍", "!", "x" * 200, "İ" * 200])
async def test_slug(client_of: Client, ann: Me, title: str) -> None:
    """Articles of one title have different slugs, at which they are found."""
    client = await client_of(ann)
    first, second = [(await write(client, title=title))["slug"] for _ in range(2)]
    assert first != second
    for slug in (first, second):
        assert (await client.get(f"/api/articles/{slug}"))["article"]["slug"] == slug


async def test_update(api_client: APIClient, ann: Me) -> None:
    """What is sent is changed, what is not stays; another title gives another slug."""
    api_client.log_in(ann)
    old = await write(api_client)
    url = f"/api/articles/{old['slug']}"
    body = {"article": {"body": "With two hands."}}
    new = (await api_client.put(url, json=body))["article"]
    assert new["updatedAt"] > old["updatedAt"]
    assert new == old | {"body": "With two hands.", "updatedAt": new["updatedAt"]}
    body = {"article": {"title": "How to ride"}}
    moved = (await api_client.put(url, json=body))["article"]
    assert moved["slug"].startswith("how-to-ride-")
    await api_client.get(url, expect=404)
    await api_client.get(f"/api/articles/{moved['slug']}")


async def test_destroy(api_client: APIClient, client_of: Client, ann: Me, bob: Me) -> None:
    """What belongs to an article goes with it."""
    api_client.log_in(ann)
    url = f"/api/articles/{(await write(api_client))['slug']}"
    reader = await client_of(bob)
    await reader.post(f"{url}/favorite")
    await reader.post(f"{url}/comments", json={"comment": {"body": "Thanks."}})
    await api_client.delete(url, expect=204)
    await api_client.get(url, expect=404)
    await api_client.get(f"{url}/comments", expect=404)
    assert await api_client.get("/api/tags") == {"tags": []}


async def test_another_ones_article(client_of: Client, ann: Me, bob: Me) -> None:
    """Nobody but its author changes it, or removes it."""
    article = await write(await client_of(ann))
    url = f"/api/articles/{article['slug']}"
    client = await client_of(bob)
    error = {"errors": {"body": ["You do not have permission to perform this action."]}}
    body = {"article": {"body": "Bob was here"}}
    assert await client.put(url, json=body, expect=403) == error
    assert await client.delete(url, expect=403) == error
    assert (await client.get(url))["article"]["body"] == DRAGON["body"]


async def test_favorite(api_client: APIClient, client_of: Client, ann: Me, bob: Me) -> None:
    """Who likes an article sees it, twice is as once, and all see how many do."""
    anns, bobs = await client_of(ann), await client_of(bob)
    url = f"/api/articles/{(await write(anns))['slug']}"
    await anns.post(f"{url}/favorite")
    for _ in range(2):
        article = (await bobs.post(f"{url}/favorite"))["article"]
        assert (article["favorited"], article["favoritesCount"]) == (True, 2)
    article = (await api_client.get(url))["article"]
    assert (article["favorited"], article["favoritesCount"]) == (False, 2)
    for _ in range(2):
        article = (await bobs.delete(f"{url}/favorite"))["article"]
        assert (article["favorited"], article["favoritesCount"]) == (False, 1)


async def test_filters(api_client: APIClient, client_of: Client, ann: Me, bob: Me) -> None:
    """Articles are found by author, tag and who likes them, the latest first."""
    anns, bobs = await client_of(ann), await client_of(bob)
    first = (await write(anns, tagList=["dragons"]))["slug"]
    second = (await write(bobs, tagList=["fish"]))["slug"]
    third = (await write(anns, tagList=["dragons", "fish"]))["slug"]
    await bobs.post(f"/api/articles/{first}/favorite")
    assert await slugs(api_client) == [third, second, first]
    assert await slugs(api_client, "?author=ann") == [third, first]
    assert await slugs(api_client, "?tag=fish") == [third, second]
    assert await slugs(api_client, "?tag=fish&author=ann") == [third]
    assert await slugs(api_client, "?favorited=bob") == [first]
    assert await slugs(bobs, "?favorited=ann") == []
    assert await slugs(api_client, "?author=carl") == []
    page = await api_client.get("/api/articles?limit=1&offset=1")
    assert (page["articles"][0]["slug"], page["articlesCount"]) == (second, 3)
    page = await api_client.get("/api/articles?offset=7")
    assert page == {"articles": [], "articlesCount": 3}
    assert await api_client.get("/api/tags") == {"tags": ["dragons", "fish"]}


async def test_feed(client_of: Client, ann: Me, bob: Me) -> None:
    """It has the articles of those whom one follows, and says that one does."""
    anns, bobs = await client_of(ann), await client_of(bob)
    await write(bobs)
    slug = (await write(anns))["slug"]
    assert await bobs.get("/api/articles/feed") == {"articles": [], "articlesCount": 0}
    await bobs.post("/api/profiles/ann/follow")
    feed = await bobs.get("/api/articles/feed")
    assert [each["slug"] for each in feed["articles"]] == [slug]
    assert feed["articles"][0]["author"]["following"] is True
    assert feed["articlesCount"] == 1


@pytest.mark.parametrize("many", [1, 20])
async def test_statements(
    api_client: APIClient, database: AsyncSession, ann: Me, bob: Me, many: int
) -> None:
    """A page is four statements, and so is an article, however many there are."""
    for number in range(many):
        article = Article(slug=f"{number}", author_id=ann.id, title="", description="", body="")
        database.add(article)
        await database.flush()
        database.add_all(Tag(article_id=article.id, name=each) for each in ("a", "b", "c"))
        database.add(Favorite(article_id=article.id, user_id=bob.id))
    database.add(Follow(follower_id=bob.id, followed_id=ann.id))
    await database.commit()
    api_client.authenticate(token_of(bob), scheme="Token")
    for url in ("/api/articles", "/api/articles/feed", "/api/articles?tag=a&favorited=bob"):
        with assert_queries(4):
            page = await api_client.get(url)
        assert (len(page["articles"]), page["articlesCount"]) == (many, many)
        for each in page["articles"]:
            assert (each["favorited"], each["favoritesCount"]) == (True, 1)
            assert (each["tagList"], each["author"]["following"]) == (["a", "b", "c"], True)
    with assert_queries(4):
        await api_client.get("/api/articles/0")
