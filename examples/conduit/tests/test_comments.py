import pytest
from webaio.testing import APIClient, assert_queries

from conduit.security import Me, token_of
from conftest import Client

from .test_articles import write


@pytest.fixture
async def url(client_of: Client, ann: Me) -> str:
    """The comments of an article of Ann's."""
    return f"/api/articles/{(await write(await client_of(ann)))['slug']}/comments"


async def test_comments(api_client: APIClient, ann: Me, bob: Me, url: str) -> None:
    """Everybody sees them, the latest first, each with its author as he sees him."""
    api_client.log_in(bob)
    texts = ["First", "Second"]
    made = [
        (await api_client.post(url, json={"comment": {"body": each}}, expect=200))["comment"]
        for each in texts
    ]
    api_client.log_in(None)
    assert await api_client.get(url) == {"comments": made[::-1]}
    author = {"username": "bob", "bio": "", "image": "", "following": False}
    assert [(each["body"], each["author"]) for each in made] == [(each, author) for each in texts]
    api_client.log_in(ann)
    await api_client.post("/api/profiles/bob/follow")
    comments = (await api_client.get(url))["comments"]
    assert all(each["author"]["following"] for each in comments)
    api_client.log_in(None)
    api_client.authenticate(token_of(ann), scheme="Token")
    with assert_queries(3):
        await api_client.get(url)


async def test_destroy(client_of: Client, ann: Me, bob: Me, url: str) -> None:
    """Only its author removes a comment, below its article."""
    anns, bobs = await client_of(ann), await client_of(bob)
    made = (await bobs.post(url, json={"comment": {"body": "Mine"}}))["comment"]
    other = f"/api/articles/{(await write(anns))['slug']}/comments"
    await anns.delete(f"{url}/{made['id']}", expect=404)
    await bobs.delete(f"{other}/{made['id']}", expect=404)
    assert len((await bobs.get(url))["comments"]) == 1
    await bobs.delete(f"{url}/{made['id']}", expect=204)
    assert await bobs.get(url) == {"comments": []}
