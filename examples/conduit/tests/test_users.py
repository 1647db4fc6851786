import pytest
from pwdlib import PasswordHash
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from webaio.testing import APIClient

from conduit.security import Me
from conduit.tables import User

CARL = {"username": "carl", "email": "carl@mail.example", "password": "a long sentence"}
PUBLIC = {"username": "carl", "email": "carl@mail.example", "bio": "", "image": ""}


@pytest.mark.usefixtures("database")
async def test_register_and_log_in(api_client: APIClient) -> None:
    """A registration and a log-in give a token, with which the user is known."""
    registered = await api_client.post("/api/users", json={"user": CARL}, expect=201)
    log_in = {"user": {"email": CARL["email"], "password": CARL["password"]}}
    found = await api_client.post("/api/users/login", json=log_in, expect=200)
    for user in (registered["user"], found["user"]):
        api_client.authenticate(user.pop("token"), scheme="Token")
        assert user == PUBLIC
        assert (await api_client.get("/api/user"))["user"].items() >= PUBLIC.items()


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize("member", ["username", "email"])
async def test_taken(api_client: APIClient, member: str, bob: Me) -> None:
    """A name and an address belong to one user: at the registration, and at a change."""
    taken = {"username": "ann", "email": "ann@mail.example"}[member]
    error = {"errors": {member: ["Somebody else has this."]}}
    body = {"user": CARL | {member: taken}}
    assert await api_client.post("/api/users", json=body, expect=422) == error
    api_client.log_in(bob)
    body = {"user": {"username": "bob", "email": "bob@mail.example"} | {member: taken}}
    assert await api_client.put("/api/user", json=body, expect=422) == error


async def test_change(api_client: APIClient, database: AsyncSession, ann: Me) -> None:
    """What is sent is changed, what is not stays; a password is kept as its hash."""
    api_client.log_in(ann)
    body = {"user": {"bio": "I write.", "email": ann.email, "password": "another sentence"}}
    changed = (await api_client.put("/api/user", json=body))["user"]
    assert (changed["bio"], changed["username"]) == ("I write.", "ann")
    hash = await database.scalar(select(User.password).where(User.id == ann.id))
    assert hash is not None
    assert hash.startswith("$argon2")
    assert (await api_client.put("/api/user", json={"user": {}}))["user"]["bio"] == ""


@pytest.mark.usefixtures("database")
async def test_wrong_password(api_client: APIClient) -> None:
    """It is answered as an unknown account is."""
    await api_client.post("/api/users", json={"user": CARL}, expect=201)
    wrong = {"user": {"email": CARL["email"], "password": "guessed"}}
    unknown = {"user": {"email": "dora@mail.example", "password": "guessed"}}
    answer = await api_client.post("/api/users/login", json=wrong, expect=401)
    assert await api_client.post("/api/users/login", json=unknown, expect=401) == answer
    assert answer == {"errors": {"body": ["This address with this password is not known."]}}
    response = await api_client.post("/api/users/login", json=wrong, expect=401, raw=True)
    assert response.headers["WWW-Authenticate"] == "Token"


@pytest.mark.usefixtures("database")
async def test_time_of_a_wrong_password(
    api_client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is that of an unknown account: one hash is compared, which takes as long as the other."""
    await api_client.post("/api/users", json={"user": CARL}, expect=201)
    compared = []

    def verify(self: PasswordHash, password: str, hash: str) -> bool:
        compared.append(hash)
        return False

    monkeypatch.setattr(PasswordHash, "verify", verify)
    for email in (CARL["email"], "dora@mail.example"):
        body = {"user": {"email": email, "password": "guessed"}}
        await api_client.post("/api/users/login", json=body, expect=401)
    of_carl, of_nobody = (hash.split("$")[:4] for hash in compared)
    assert of_carl == of_nobody  # the kind and its parameters: $argon2id$v=19$m=65536,t=3,p=4


@pytest.mark.usefixtures("database")
async def test_guesses(api_client: APIClient) -> None:
    """Five passwords of an account may be tried in a minute, those of others still."""
    body = {"user": {"email": "ann@mail.example", "password": "guessed"}}
    statuses = [401] * 5 + [429]
    for status in statuses:
        await api_client.post("/api/users/login", json=body, expect=status)
    body = {"user": {"email": "bob@mail.example", "password": "guessed"}}
    await api_client.post("/api/users/login", json=body, expect=401)
