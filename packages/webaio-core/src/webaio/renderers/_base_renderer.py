import inspect
import re
from collections.abc import Callable
from typing import Any, ClassVar, Final

import msgspec

from webaio.exceptions import ImproperlyConfigured
from webaio.schemas import Components, Schema

Write = Callable[[Any], bytes]
"""Writes a result; raises `TypeError` or `ValueError` for what cannot be written."""

_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
"""One as it is registered (RFC 6838, 4.2), in lower case."""
_decode: Final = msgspec.json.Decoder().decode


class BaseRenderer:
    """A representation of results, made of what their JSON says.

    A subclass has a media type, and writes data as JSON has it: dicts, lists, texts, numbers, bools
    and None. So each representation says the same, whatever library the models are of.

        class YAML(BaseRenderer):
            media_type = "application/yaml"

            def render(self, data: Any) -> bytes:
                return yaml.safe_dump(data).encode()

    One of `text/` is sent as UTF-8, and says so.

    Raises `ImproperlyConfigured` where a class has no media type of its own, or one with parameters.
    """

    media_type: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not isinstance(cls.media_type, str) or not _MEDIA_TYPE.fullmatch(cls.media_type):
            raise ImproperlyConfigured(
                f"{cls.__qualname__}.media_type",
                f"{cls.media_type!r} is no media type",
                "Write such as 'application/yaml', in lower case and without parameters",
            )

    def render(self, data: Any) -> bytes:
        """Write what the JSON of a result says."""
        raise NotImplementedError(f"{type(self).__qualname__}.render")

    def writer(self, schema: Schema, encode: Write, where: str) -> Write:
        """Make the function that writes the results of an action, once, at registration.

        `schema` is of their type, `encode` writes one as JSON, and `where` names the action. One
        that looks at the type defines it. Raises `ImproperlyConfigured` for a type that it cannot
        write.
        """
        render, name = self.render, type(self).__qualname__
        if type(self).render is BaseRenderer.render:
            raise ImproperlyConfigured(name, "it writes nothing", "Define render(self, data)")
        if inspect.iscoroutinefunction(render):
            raise ImproperlyConfigured(
                name, "its render is async, and nobody awaits it", "Write `def render(self, data)`"
            )
        return lambda result: render(_decode(encode(result)))

    def json_schema(self, schema: Schema, components: Components) -> dict[str, Any]:
        """Describe the representation for the document; without one of its own as JSON."""
        return schema.json_schema(components, "output")
