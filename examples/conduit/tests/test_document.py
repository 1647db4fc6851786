from sqlalchemy.ext.asyncio import AsyncSession
from webaio.sqlalchemy import create_engine
from webaio.testing import assert_matches_openapi

from conduit.security import token_of
from conftest import new_user
from main import create_app


async def test_document(own_database: str) -> None:
    """The application does what its document says, whatever is sent."""
    engine = create_engine(own_database)
    async with AsyncSession(engine, expire_on_commit=False) as database:
        ann = await new_user(database, "ann")
    await engine.dispose()
    headers = {"Authorization": f"Token {token_of(ann)}"}
    taken = {"POST /api/users": [422], "PUT /api/user": [422]}
    await assert_matches_openapi(create_app(), examples=3, headers=headers, refusals=taken)
