"""Models, values and broken values made by hypothesis, and the verdict of the library itself."""

import contextlib
import json
import string
from collections.abc import Callable
from types import GenericAlias
from typing import Annotated, Any

import jsonschema
import msgspec
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webaio.exceptions import ParseError, ValidationError
from webaio.schemas import Partial, schema_of
from webaio.schemas._components import Components, Mode

NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=3).map(lambda name: f"f_{name}")
SCALARS: st.SearchStrategy[Any] = st.sampled_from([int, float, bool, str, None])
LENGTHS = st.integers(0, 3)

PLAIN_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
"""Any JSON, by itself nearly never of a given type."""


def types_of(library: Callable[..., Any], model: Callable[..., Any]) -> st.SearchStrategy[Any]:
    constrained = st.one_of(
        LENGTHS.map(lambda least: Annotated[int, library(ge=least)]),
        LENGTHS.map(lambda most: Annotated[str, library(max_length=most)]),
    )
    return st.recursive(
        SCALARS | constrained,
        lambda inner: st.one_of(
            inner.map(lambda each: list[each]),  # type: ignore[valid-type]
            inner.map(lambda each: dict[str, each]),  # type: ignore[valid-type]
            inner.map(lambda each: each | None if each is not None else None),
            st.dictionaries(NAMES, st.tuples(inner, st.booleans()), max_size=4).map(model),
        ),
        max_leaves=6,
    )


def struct_of(fields: dict[str, tuple[Any, bool]]) -> Any:
    required = [(name, each) for name, (each, is_required) in fields.items() if is_required]
    optional = [
        (name, each, None) for name, (each, is_required) in fields.items() if not is_required
    ]
    return msgspec.defstruct("Model", [*required, *optional])


def model_of(fields: dict[str, tuple[Any, bool]]) -> Any:
    members: dict[str, Any] = {
        name: (each, ... if is_required else None) for name, (each, is_required) in fields.items()
    }
    return pydantic.create_model("Model", **members)


def required(fields: dict[str, tuple[Any, bool]]) -> dict[str, tuple[Any, bool]]:
    """Take out the defaults, which need not be of the types."""
    return {name: (each, True) for name, (each, _) in fields.items()}


def value_for(annotation: Any) -> st.SearchStrategy[Any]:
    """Give values near the type: mostly what fits, now and then something else."""
    near = _near(annotation)
    return st.one_of(near, near, near, PLAIN_JSON)


def _near(annotation: Any) -> st.SearchStrategy[Any]:
    if hasattr(annotation, "__struct_fields__"):
        members = {each.name: each.type for each in msgspec.structs.fields(annotation)}
    elif hasattr(annotation, "model_fields"):
        members = {
            name: Annotated[each.annotation, *each.metadata] if each.metadata else each.annotation
            for name, each in annotation.model_fields.items()
        }
    else:
        return _near_generic(annotation)
    return st.fixed_dictionaries(
        {}, optional={name: value_for(each) for name, each in members.items()}
    )


def _near_generic(annotation: Any) -> st.SearchStrategy[Any]:
    arguments: tuple[Any, ...] = getattr(annotation, "__args__", ())
    origin = getattr(annotation, "__origin__", None)
    if hasattr(annotation, "__metadata__"):
        return _near(origin)
    if origin is list:
        return st.lists(value_for(arguments[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(st.text(max_size=3), value_for(arguments[1]), max_size=3)
    if arguments:
        return st.one_of([value_for(each) for each in arguments])
    return {
        int: st.integers(-5, 5),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        str: st.text(max_size=4),
    }.get(annotation, st.none())


def verdict(annotation: Any, body: bytes) -> Any:
    try:
        return schema_of(annotation).decode(body)
    except ValidationError as error:
        return error


def check(annotation: Any, value: Any, library_decodes: Callable[[bytes], Any]) -> None:
    """Compare with the library, and mend what is told until the library is content."""
    body = json.dumps(value).encode()
    found = verdict(annotation, body)
    try:
        expected = library_decodes(body)
    except (msgspec.ValidationError, pydantic.ValidationError):
        assert isinstance(found, ValidationError)
        assert found.errors
        for fault in found.errors:
            assert resolves(value, fault.pointer) or fault.code == "required"
    else:
        assert found == expected


def has_whole_floats(value: Any, least: float = 0) -> bool:
    """Tell whether a value has what is an integer in JSON Schema, and in msgspec only a number.

    With `least` it is no smaller, whatever its sign.
    """
    if isinstance(value, (dict, list)):
        parts = value.values() if isinstance(value, dict) else value
        return any(has_whole_floats(each, least) for each in parts)
    return isinstance(value, float) and value.is_integer() and abs(value) >= least


def fits(annotation: Any, mode: Mode, value: Any) -> bool:
    """Ask the JSON Schema of a type, with a validator of JSON Schema."""
    components = Components()
    schema, named = components.resolve(schema_of(annotation).json_schema(components, mode))
    whole = {"allOf": [schema], "components": {"schemas": named}}
    document = json.loads(msgspec.json.encode(whole))
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document).is_valid(value)


def resolves(value: Any, pointer: str) -> bool:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return False
    return True


@given(st.data())
def test_msgspec_agrees(data: st.DataObject) -> None:
    """A value is invalid if and only if msgspec says so, and every pointer leads somewhere.

    The JSON Schema says the same.
    """
    annotation = data.draw(types_of(msgspec.Meta, struct_of))
    value = data.draw(value_for(annotation))
    if not has_whole_floats(value):
        check(annotation, value, lambda body: msgspec.json.decode(body, type=annotation))
    is_valid = not isinstance(verdict(annotation, json.dumps(value).encode()), ValidationError)
    assert is_valid == fits(annotation, "input", value)


@given(st.data())
@settings(max_examples=settings().max_examples // 2)
def test_pydantic_agrees(data: st.DataObject) -> None:
    """The same for pydantic."""
    inner = data.draw(types_of(pydantic.Field, model_of))
    annotation: Any = Annotated[inner, pydantic.Field(title="of pydantic")]
    value = data.draw(value_for(inner))
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(annotation)
    check(annotation, value, adapter.validate_json)
    # Pydantic takes more than it says, such as "1" for 1, and of whole floats those of 64 bits alone.
    if fits(annotation, "input", value) and not has_whole_floats(value, least=2**63):
        assert not isinstance(verdict(annotation, json.dumps(value).encode()), ValidationError)


@given(st.data())
def test_what_is_written_fits(data: st.DataObject) -> None:
    """What was read and is written again fits the schema of what a client gets."""
    inner = data.draw(
        types_of(msgspec.Meta, lambda fields: struct_of(required(fields)))
        | types_of(pydantic.Field, lambda fields: model_of(required(fields)))
    )
    value = data.draw(value_for(inner))
    with contextlib.suppress(ValidationError):
        read = schema_of(inner).decode(json.dumps(value).encode())
        assert fits(inner, "output", json.loads(schema_of(inner).encode(read)))


@given(st.data())
def test_all_faults_at_once(data: st.DataObject) -> None:
    """As many members as are broken, each by itself, are told in one answer."""
    fields = data.draw(st.dictionaries(NAMES, st.just((int, True)), min_size=1, max_size=6))
    broken = data.draw(st.sets(st.sampled_from(sorted(fields))))
    absent = data.draw(st.sets(st.sampled_from(sorted(fields)))) - broken
    value = {name: "x" if name in broken else 1 for name in fields if name not in absent}
    for model in (struct_of(fields), model_of(fields)):
        found = verdict(model, json.dumps(value).encode())
        told = {(each.pointer, each.code) for each in getattr(found, "errors", ())}
        assert told == {(f"/{name}", "type") for name in broken} | {
            (f"/{name}", "required") for name in absent
        }


@given(st.data())
def test_partial_of_a_whole(data: st.DataObject) -> None:
    """A patch that holds the whole of a value makes any other value into it."""
    fields = data.draw(
        st.dictionaries(
            NAMES, st.sampled_from([(int, True), (str, True), (list[int], True)]), max_size=5
        )
    )
    model = struct_of(fields)
    first, second = (
        msgspec.convert(
            {name: data.draw(of_type(each)) for name, (each, _) in fields.items()}, model
        )
        for _ in range(2)
    )
    patch = schema_of(GenericAlias(Partial, (model,))).decode(msgspec.json.encode(second))
    assert patch.apply(first) == second


def of_type(annotation: Any) -> st.SearchStrategy[Any]:
    return {int: st.integers(-9, 9), str: st.text(max_size=3)}.get(
        annotation, st.lists(st.integers(-9, 9), max_size=3)
    )


PAIRS = st.recursive(
    st.sampled_from(["1", '"a"', '":"', r'"\u003a"', r'"\":"', "[]", "{}", r'"\\u003A:"']),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda each: f"[{','.join(each)}]")
        | st.lists(
            st.tuples(
                st.sampled_from(['"a"', r'"\u0061"', '"b"', '":"', r'"\u003A"', '""']), inner
            ),
            max_size=3,
        ).map(lambda each: "{" + ", ".join(f"{name} :{value}" for name, value in each) + "}")
    ),
    max_leaves=8,
)
"""JSON in which a name may come twice, written in one way or two."""


@given(PAIRS)
@settings(max_examples=5 * settings().max_examples)
def test_names_given_twice(text: str) -> None:
    """A name that comes twice in one object is malformed, and nothing else is."""

    def require_unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ParseError
        return dict(pairs)

    try:
        expected = json.loads(text, object_pairs_hook=require_unique)
    except ParseError:
        with pytest.raises(ParseError, match="A name is given twice"):
            schema_of(Any).decode(text.encode())
    else:
        assert schema_of(Any).decode(text.encode()) == expected


@given(
    st.binary(max_size=60)
    | st.text(' []{}:,"\\1aeEn.-+ut\ud7ff\uffff', max_size=40).map(str.encode)
)
@settings(max_examples=5 * settings().max_examples)
def test_bytes(body: bytes) -> None:
    """Any bytes are read, malformed or invalid, and never anything else; json agrees on the rest."""
    for annotation in (dict[str, list[int | None]], struct_of({"a": (int, False)})):
        with contextlib.suppress(ParseError, ValidationError):
            schema_of(annotation).decode(body)
    with contextlib.suppress(ParseError):
        assert schema_of(Any).decode(body) == json.loads(body)
