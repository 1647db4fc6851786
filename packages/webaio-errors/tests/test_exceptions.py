import copy
import pickle
import re
from http import HTTPStatus
from typing import Any

import pytest

import webaio.exceptions
from webaio.exceptions import (
    APIException,
    AuthenticationFailed,
    ContentTooLarge,
    Fault,
    ImproperlyConfigured,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    ParseError,
    ServiceUnavailable,
    Throttled,
    ValidationError,
    exception_of_status,
    pointer,
)

CLASSES: list[type[APIException]] = [
    member
    for member in vars(webaio.exceptions).values()
    if isinstance(member, type) and issubclass(member, APIException)
]
STATUSES = "400 401 403 404 405 406 408 409 410 412 413 415 422 423 428 429 500 501 502 503 504"


class ArtistDoesNotExist(APIException):
    status_code = 404
    detail = "Artist does not exist"


@pytest.mark.parametrize("exception", CLASSES)
def test_problem(exception: type[APIException]) -> None:
    """Each class is a complete problem without arguments, and its title is the status's name."""
    problem = exception().problem()
    assert list(problem) == ["type", "title", "status", "detail", "code"]
    assert problem["type"] == "about:blank"
    assert problem["status"] == exception.status_code
    assert problem["detail"].endswith(".")
    assert problem["code"].isidentifier()


def test_all_statuses() -> None:
    """The tree has the statuses that an API uses, and is drawn in the module's docstring."""
    assert {exception.status_code for exception in CLASSES} == set(map(int, STATUSES.split()))
    drawn = webaio.exceptions.__doc__ or ""
    for exception in CLASSES:
        assert re.search(rf"\b{exception.__name__} +{exception.status_code}\b", drawn)


def test_subclass() -> None:
    """A subclass sets what differs; code and title follow from its status."""
    assert ArtistDoesNotExist().problem() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Artist does not exist",
        "code": "not_found",
    }
    assert str(ArtistDoesNotExist()) == "Artist does not exist"


def test_subclass_inherits() -> None:
    """Without a status of its own a subclass has all of its base."""

    class Banned(AuthenticationFailed):
        detail = "Banned."

    assert Banned().code == "authentication_failed"
    assert Banned().title == "Unauthorized"


def test_status_of_a_mixin() -> None:
    """A status that comes from a mixin counts like one of the class itself."""

    class Missing:
        status_code = 404
        code = "missing"

    class ArtistMissing(Missing, APIException):
        pass

    assert ArtistMissing().problem()["title"] == "Not Found"
    assert (ArtistMissing.code, ArtistMissing.detail) == ("missing", "Not Found.")
    with pytest.raises(TypeError, match="status_code = 200"):
        type("Broken", (type("Fine", (), {"status_code": 200}), APIException), {})


@pytest.mark.parametrize("detail", [{"name": ["required"]}, ["required"], 7])
def test_detail_is_a_sentence(detail: Any) -> None:
    """What is not a string is refused, with the place where it belongs."""
    with pytest.raises(TypeError, match=r"ValidationError: .* such as errors="):
        ValidationError(detail)


def test_status_of_http() -> None:
    """A status may be a member of `http.HTTPStatus`."""

    class Teapot(APIException):
        status_code = HTTPStatus.IM_A_TEAPOT

    assert Teapot().problem()["status"] == 418
    assert Teapot.code == "i_m_a_teapot"


@pytest.mark.parametrize("status", [200, 302, 399, 600, -1, "404", 404.0, None, True])
def test_impossible_status(status: Any) -> None:
    """A status that is no error's is refused when the class is made."""
    with pytest.raises(TypeError, match=r"Broken: status_code = .* from 400 to 599"):
        type("Broken", (APIException,), {"status_code": status})


def test_arguments() -> None:
    """An instance may have its own detail, code, headers and extension members."""
    error = NotFound("Gone fishing", code="fishing", headers={"X-Lake": "1"}, until="noon")
    assert error.problem() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Gone fishing",
        "code": "fishing",
        "until": "noon",
    }
    assert dict(error.headers) == {"X-Lake": "1"}
    assert NotFound.detail == "Not found."


@pytest.mark.parametrize("name", ["type", "title", "status", "instance"])
def test_standard_members(name: str) -> None:
    """An extension member cannot be named like a standard one."""
    member: dict[str, Any] = {name: "x"}
    with pytest.raises(TypeError, match=f"NotFound: {name} cannot be an extension member"):
        NotFound(**member)


@pytest.mark.parametrize("exception", CLASSES)
def test_copies(exception: type[APIException]) -> None:
    """Copies and pickles say the same."""
    for error in (exception(), exception("x", code="c", headers={"A": "b"}, member=[1])):
        for twin in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
            assert type(twin) is exception
            assert twin.problem() == error.problem()
            assert dict(twin.headers) == dict(error.headers)


def test_raise_from() -> None:
    """The cause is kept."""
    cause = KeyError("id")
    with pytest.raises(ArtistDoesNotExist) as caught:
        raise ArtistDoesNotExist from cause
    assert caught.value.__cause__ is cause


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (NotAuthenticated(), {"WWW-Authenticate": "Bearer"}),
        (
            AuthenticationFailed(challenge='Basic realm="x"'),
            {"WWW-Authenticate": 'Basic realm="x"'},
        ),
        (NotAuthenticated(headers={"www-authenticate": "Key"}), {"WWW-Authenticate": "Key"}),
        (MethodNotAllowed(allowed=["PUT", "GET"]), {"Allow": "GET,PUT"}),
        (MethodNotAllowed(), {"Allow": ""}),
        (MethodNotAllowed(allowed="GET"), {"Allow": "GET"}),
        (Throttled(), {}),
        (Throttled(retry_after=0.2), {"Retry-After": "1"}),
        (ServiceUnavailable("Later", retry_after=30), {"Retry-After": "30"}),
        (Throttled(retry_after=1, headers={"X": "y"}), {"X": "y", "Retry-After": "1"}),
    ],
)
def test_headers(error: APIException, headers: dict[str, str]) -> None:
    """The headers that a status needs are set, once, whatever their case."""
    found = {name.title(): value for name, value in error.headers.items()}
    assert found == {name.title(): value for name, value in headers.items()}
    assert len(error.headers) == len(headers)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_impossible_time(seconds: float) -> None:
    """A time that nobody can wait is refused."""
    with pytest.raises(ValueError, match="Throttled: retry_after="):
        Throttled(retry_after=seconds)


def test_members_of_validation() -> None:
    """The faults of a request travel as an extension member."""
    assert ValidationError(errors=[{"pointer": "/a"}]).problem()["errors"] == [{"pointer": "/a"}]


def test_names_of_rfc_9110() -> None:
    """Titles do not depend on the version of Python."""
    assert ContentTooLarge.title == "Content Too Large"
    assert exception_of_status(414).code == "uri_too_long"
    assert exception_of_status(416).title == "Range Not Satisfiable"
    assert ValidationError.title == "Unprocessable Content"


def test_exception_of_status() -> None:
    """Every status of an error has a class, with a name and a code; no other has."""
    assert exception_of_status(404) is NotFound
    for status in range(400, 600):
        problem = exception_of_status(status)().problem()
        assert problem["status"] == status
        assert problem["title"]
        assert problem["code"]
    with pytest.raises(TypeError):
        exception_of_status(302)


def test_faults() -> None:
    """A fault is told with its place; what is no fault goes out as it is."""
    error = ValidationError(errors=[Fault("/a", "taken", "Taken", "body"), {"b": 1}, "c"])
    assert error.problem()["errors"] == [
        {"in": "body", "pointer": "/a", "code": "taken", "detail": "Taken"},
        {"b": 1},
        "c",
    ]
    assert str(error) == "/a: Taken"
    assert str(ValidationError(errors=[Fault("", "value", "No")])) == "the value: No"
    assert str(ValidationError("No", errors=[{"b": 1}])) == "No"
    assert "in" not in Fault("/a", "taken", "Taken").problem()


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        (iter([Fault("/a", "b", "c")]), [{"pointer": "/a", "code": "b", "detail": "c"}]),
        ({"name": ["taken"]}, {"name": ["taken"]}),
        ("taken", "taken"),
    ],
)
def test_forms_of_errors(errors: Any, told: Any) -> None:
    """The faults come from anything that can be iterated; a mapping and a text stay as they are."""
    error = ValidationError(errors=errors)
    assert error.problem()["errors"] == told
    assert error.problem()["errors"] == told


@pytest.mark.parametrize("errors", [Fault("/a", "taken", "Taken"), 7])
def test_errors_that_are_no_list(errors: Any) -> None:
    """A fault that stands alone is refused, with the fix."""
    with pytest.raises(
        TypeError, match=r"ValidationError: errors=.* cannot be iterated. Give a list"
    ):
        ValidationError(errors=errors)


def test_values_and_their_errors() -> None:
    """What is wrong with a value is a `ValueError`, as in the libraries that validate."""
    assert issubclass(ValidationError, ValueError)
    assert issubclass(ParseError, ValueError)


def test_pointer() -> None:
    """The parts of a pointer are escaped (RFC 6901, 3)."""
    assert pointer("tags", 2, "a/b~c") == "/tags/2/a~1b~0c"
    assert pointer() == ""


def test_improperly_configured() -> None:
    """The mistake of a programmer says where, what and how to mend it."""
    error = ImproperlyConfigured("Artists.list", "it is not async", "Write `async def`")
    assert str(error) == "Artists.list: it is not async. Write `async def`."
    assert not isinstance(error, APIException)


class NameTaken(ValidationError):
    """Says its own errors, as an application would."""

    def __init__(self, name: str) -> None:
        super().__init__(errors=[Fault("/name", "taken", f"{name} is taken")])


def test_former_spellings() -> None:
    """The faults as the first argument, and `faults`, work for one more release, with a warning."""
    fault = Fault("/a", "taken", "Taken")
    with pytest.warns(DeprecationWarning, match="ValidationError"):
        error = ValidationError([fault])  # type: ignore[arg-type]  # the former spelling
    assert error.errors == (fault,)
    with pytest.warns(DeprecationWarning, match="errors="):
        named = ValidationError(faults=[fault])
    assert (named.errors, dict(named.members)) == ((fault,), {})
    with pytest.warns(DeprecationWarning, match="ValidationError.errors"):
        named.faults = (fault, fault)
    assert named.errors == (fault, fault)
    with pytest.warns(DeprecationWarning, match="ValidationError.errors"):
        assert error.faults == (fault,)
    assert NameTaken("Gus").errors == (Fault("/name", "taken", "Gus is taken"),)
    copied = pickle.loads(pickle.dumps(error))
    assert copied.problem() == error.problem()
