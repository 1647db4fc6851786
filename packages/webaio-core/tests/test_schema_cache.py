from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from webaio.exceptions import ValidationError
from webaio.schemas import Unsupported, schema_of


class Item:
    """Of no form in JSON."""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (list[int], list[int]),
        (int | None, int | None),
        (Literal["a", "b"], Literal["a", "b"]),
        (dict[str, list[int]], dict[str, list[int]]),
    ],
)
def test_a_type_that_is_written_twice_has_one_schema(first: Any, second: Any) -> None:
    """Each signature writes its types anew; what reads them is made once."""
    assert schema_of(first) is schema_of(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Annotated[int, Literal[1]], Annotated[int, Literal[True]]),
        (int | bool, bool | int),
        (Annotated[int, {}], Annotated[int, {}]),
        (list[int], set[int]),
        (list[Annotated[int, Meta(ge=1)]], list[Annotated[int, Meta(ge=2)]]),
    ],
)
def test_types_that_are_only_equal_have_their_own(first: Any, second: Any) -> None:
    """What differs in its parts is read apart, whether or not it has a hash."""
    assert schema_of(first) is not schema_of(second)


def test_a_refused_type_is_refused_again() -> None:
    """A failure is not kept."""
    for _ in range(2):
        with pytest.raises(Unsupported):
            schema_of(Item)


def test_many_types_are_read_each_as_itself() -> None:
    """More types than are kept, gone meanwhile and with identities used again, read as their own."""
    for number in range(2000):
        schema = schema_of(Annotated[int, Meta(ge=number)])
        assert schema.decode(str(number).encode()) == number
        with pytest.raises(ValidationError):
            schema.decode(str(number - 1).encode())
