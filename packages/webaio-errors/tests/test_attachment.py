"""The header that names a file to be saved."""

import re
from urllib.parse import unquote

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from pytest_aiohttp import AiohttpClient

from webaio.responses import attachment

HEADER = re.compile(
    r"attachment; filename=\"(?P<quoted>[ !#-$&-\[\]-~]*)\""
    r"(; filename\*=UTF-8''(?P<encoded>([A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-F]{2})*))?"
)
"""Of RFC 6266 and RFC 8187, what is written: a quoted name without what is read in several ways."""


@given(st.text(st.characters()))
def test_any_name(name: str) -> None:
    """Whatever the name, it is one header of ASCII; and the name is in it, but for what no text has."""
    header = HEADER.fullmatch(attachment(name))
    assert header is not None
    said = (
        header["quoted"]
        if header["encoded"] is None
        else unquote(header["encoded"], errors="strict")
    )
    assert said == name.encode(errors="replace").decode()
    assert header["encoded"] is None or len(header["quoted"]) == len(name)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("cover.png", 'attachment; filename="cover.png"'),
        ("a; b, c.png", 'attachment; filename="a; b, c.png"'),
        ("Bjørk.png", "attachment; filename=\"Bj_rk.png\"; filename*=UTF-8''Bj%C3%B8rk.png"),
        ("50%41.png", "attachment; filename=\"50_41.png\"; filename*=UTF-8''50%2541.png"),
        ('"\\', "attachment; filename=\"__\"; filename*=UTF-8''%22%5C"),
        (
            "a\r\nX-Evil: 1",
            "attachment; filename=\"a__X-Evil: 1\"; filename*=UTF-8''a%0D%0AX-Evil%3A%201",
        ),
        ("\udcff", "attachment; filename=\"_\"; filename*=UTF-8''%3F"),
        ("../a/b", 'attachment; filename="../a/b"'),
    ],
)
def test_names(name: str, header: str) -> None:
    """A plain name stands as it is; another one encoded, behind one for who cannot read that."""
    assert attachment(name) == header


@pytest.mark.parametrize("name", ["Bjørk.png", "a\r\nX-Evil: 1", '"; x="'])
async def test_client(aiohttp_client: AiohttpClient, name: str) -> None:
    """A client reads the name, and no other header."""

    async def cover(request: web.Request) -> web.Response:
        return web.Response(headers={"Content-Disposition": attachment(name)})

    app = web.Application()
    app.router.add_get("/", cover)
    client = await aiohttp_client(app)
    response = await client.get("/")
    assert response.content_disposition is not None
    assert response.content_disposition.type == "attachment"
    assert response.content_disposition.filename == name
    assert "X-Evil" not in response.headers
