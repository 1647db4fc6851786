from webaio.testing import APIClient

from conduit.security import Me


async def test_follow(api_client: APIClient, ann: Me, bob: Me) -> None:
    """Who follows sees that he does; twice is as once, and nobody else sees it."""
    profile = {"username": "bob", "bio": "", "image": "", "following": False}
    assert await api_client.get("/api/profiles/bob") == {"profile": profile}
    followed = {"profile": profile | {"following": True}}
    api_client.log_in(ann)
    for _ in range(2):
        assert await api_client.post("/api/profiles/bob/follow") == followed
    assert await api_client.get("/api/profiles/bob") == followed
    api_client.log_in(bob)
    assert await api_client.get("/api/profiles/bob") == {"profile": profile}
    api_client.log_in(ann)
    for _ in range(2):
        assert await api_client.delete("/api/profiles/bob/follow") == {"profile": profile}


async def test_nobody(api_client: APIClient, ann: Me) -> None:
    """There is no profile of a user who is not there."""
    api_client.log_in(ann)
    error = {"errors": {"body": ["Not found."]}}
    assert await api_client.get("/api/profiles/carl", expect=404) == error
    await api_client.post("/api/profiles/carl/follow", expect=404)
