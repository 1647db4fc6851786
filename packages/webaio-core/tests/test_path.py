import re

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from webaio.routers._path import Path, Segments, Variable

PIECES = st.sampled_from(
    [
        *r".\/[]^-+*?|(){},:@~!az09AZ_",
        "[^/]",
        "[^{}/]+",
        r"\d",
        r"\w",
        r"\D",
        r"\x2f",
        "[a-z]",
        "(?:",
    ]
)


def path_of(text: str) -> Path:
    """Build the path of a text, which may end with a slash as no text of a user's may."""
    path = Path() if text in ("", "/") else Path.parse(text.strip("/"))
    assert path is not None
    return path / "" if text.endswith("/") else path


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("", Segments(1, {}, is_open=False)),
        ("/", Segments(2, {1: ""}, is_open=False)),
        ("/{tenant}/artist/", Segments(4, {2: "artist", 3: ""}, is_open=False)),
        ("/{id:[^/]+}/tags", Segments(3, {2: "tags"}, is_open=False)),
        ("/v{major}.{minor}/a", Segments(3, {2: "a"}, is_open=False)),
        ("/a/{id:[0-9]{4}}/b", Segments(4, {1: "a", 3: "b"}, is_open=False)),
        ("/a/{id:.+}/b", Segments(3, {1: "a"}, is_open=True)),
        ("/a/x{id:[+-9]}/b", Segments(3, {1: "a"}, is_open=True)),
        ("/ü/a", Segments(3, {2: "a"}, is_open=False)),
    ],
)
def test_segments_are_read(path: str, known: Segments) -> None:
    """A literal has its position, until a variable may take slashes."""
    assert path_of(path).known_segments() == known


@pytest.mark.parametrize(
    "regex",
    ["[0-9]+", r"\d+", r"[\w-]+", "[0-9a-f-]{36}", "(asc|desc)", r"\w+\.json", "[^{}/]+", "[-a-z]"],
)
def test_usual_patterns_stay_in_a_segment(regex: str) -> None:
    """What stands for an id in practice is known to take no slash."""
    assert not (Path() / Variable("id", regex)).known_segments().is_open


@given(pieces=st.lists(PIECES, min_size=1, max_size=6), text=st.text("/a5.-+", max_size=4))
def test_no_slash_is_taken_unseen(pieces: list[str], text: str) -> None:
    """A pattern that is said to stay in a segment matches no slash."""
    regex = "".join(pieces)
    try:
        pattern = re.compile(regex)
    except (re.error, FutureWarning):
        return
    if "/" in text and pattern.fullmatch(text) and regex.count("{") == regex.count("}"):
        assert (Path() / Variable("id", regex)).known_segments().is_open


@pytest.mark.parametrize(
    ("path", "variables", "beginning", "is_unicode"),
    [
        ("", {}, "", False),
        ("/", {}, "", False),
        ("/artist/", {}, "/artist", False),
        ("/größe", {}, "/größe", False),
        ("/{tenant}/artist", {"tenant": None}, "", False),
        ("/a/b/{id:[0-9]{4}}/", {"id": "[0-9]{4}"}, "/a/b", False),
        ("/a/v{major}.{minor:[^/]+}", {"major": None, "minor": "[^/]+"}, "/a", False),
        ("/größe/{id}", {"id": None}, "/größe", True),
    ],
)
def test_a_path_is_read_once(
    path: str, variables: dict[str, str | None], beginning: str, is_unicode: bool
) -> None:
    """A path is written as it was read, and knows its variables and what aiohttp finds it by."""
    found = path_of(path)
    assert found.text == path
    assert {each.name: each.pattern for each in found.variables} == variables
    assert (found.beginning, found.is_unicode) == (beginning, is_unicode)


@pytest.mark.parametrize(
    "path", ["/artist/", "/a/v{major}.{minor}/", r"/{id:\d+|x}/a.b", "/{all:.*}"]
)
def test_a_path_matches_as_in_aiohttp(path: str) -> None:
    """Its regular expression is that of aiohttp's resource."""
    pattern = web.DynamicResource(path).get_info()["pattern"]
    assert path_of(path).regex == pattern.pattern
