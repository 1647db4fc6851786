"""What a viewset says of the representations of an action."""

from typing import Final

from webaio.decorators._said import is_named, said_of
from webaio.exceptions import ImproperlyConfigured

from ._base_renderer import BaseRenderer
from ._json import JSON

Renderers = tuple[BaseRenderer, ...]
JSON_ALONE: Final[Renderers] = (JSON(),)
_FIX: Final = "Write such as (JSON(), CSV())"


def renderers_of(viewset: type, name: str, *, has_content: bool) -> Renderers:
    """Give the renderers of an action, the first for who does not ask.

    Where no result is written there is nothing to say: what is said of all actions is not meant.
    Raises `ImproperlyConfigured` for what is none, and for what is said of such an action by name.
    """
    found = said_of(viewset, name, "renderers")
    renderers = JSON_ALONE if found is None else checked_renderers(found[1], found[0])
    if has_content or all(type(each) is JSON for each in renderers):
        return renderers
    if found is not None and is_named(viewset, name, "renderers"):
        raise ImproperlyConfigured(
            found[0],
            "it says how the result is written, and the action gives none that is",
            "Take it out, or declare a result such as `-> Artists`",
        )
    return JSON_ALONE


def checked_renderers(renderers: object, where: str) -> Renderers:
    """Keep renderers; raises `ImproperlyConfigured` for what is none, and for two of one type."""
    if not isinstance(renderers, (list, tuple)) or not renderers:
        raise ImproperlyConfigured(where, f"{renderers!r} is no list of renderers", _FIX)
    media_types: list[str] = []
    for each in renderers:
        if isinstance(each, type) and issubclass(each, BaseRenderer):
            fix = f"Write {each.__name__}()"
            raise ImproperlyConfigured(where, f"{each.__name__} is a class", fix)
        if not isinstance(each, BaseRenderer):
            raise ImproperlyConfigured(where, f"{each!r} is no renderer", _FIX)
        if each.media_type in media_types:
            what = f"it has {each.media_type} twice"
            raise ImproperlyConfigured(where, what, "Keep one of them")
        media_types.append(each.media_type)
    return tuple(renderers)
