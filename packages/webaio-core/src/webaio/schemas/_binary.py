"""Types that are no JSON and no text, and come beside both."""

from typing import Any, TypeGuard

from ._annotation import pieces_of
from ._json_schema import JsonSchema


class Binary:
    """What a request carries as bytes, such as a file of a form: a value comes made already."""

    __slots__ = ()

    @classmethod
    def binary_schema(cls) -> JsonSchema:
        """Describe the bytes (OpenAPI 3.1, 4.8.14.3).

        `format` is of OpenAPI 3.0: generators and Swagger UI look at it.
        """
        return {
            "type": "string",
            "format": "binary",
            "contentMediaType": "application/octet-stream",
        }

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> JsonSchema:
        return cls.binary_schema()


def is_binary(annotation: Any) -> TypeGuard[type[Binary]]:
    """Tell whether a type is a class of such values."""
    return isinstance(annotation, type) and issubclass(annotation, Binary)


def binaries_in(annotation: Any) -> list[type[Binary]]:
    """Give the classes of such values in a type, each once."""
    return [*dict.fromkeys(each for each in pieces_of(annotation) if is_binary(each))]
