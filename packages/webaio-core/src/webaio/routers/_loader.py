"""What a viewset's `get_object` takes of the URL."""

import inspect
from collections.abc import Collection
from typing import Final

from webaio.exceptions import ImproperlyConfigured
from webaio.parameters import Parameter
from webaio.parameters._path import Path
from webaio.parameters._signature import signature_of
from webaio.viewsets import BaseViewSet

from ._method import method_of

LOADER: Final = "get_object"


def loader_of(viewset: type[BaseViewSet], variables: Collection[str]) -> dict[str, Parameter]:
    """Give its parameters by their names; `variables` are those that it may take.

    Raises `ImproperlyConfigured` for one that is not async, and for other parameters.
    """
    where = f"{viewset.__qualname__}.{LOADER}"
    if not inspect.iscoroutinefunction(getattr(viewset, LOADER)):
        raise ImproperlyConfigured(where, "it is not async", f"Write `async def {LOADER}`")
    function, takes_self, written, annotations = method_of(viewset, LOADER, where)
    taken = signature_of(function, written, annotations, variables, where)
    others = {*taken.names} - {
        each.name for each in taken.parameters if isinstance(each.source, Path)
    }
    if others or not takes_self:
        raise ImproperlyConfigured(
            where,
            "it takes `self` and variables of the URL alone",
            f"Write such as `async def {LOADER}(self, {viewset.lookup_url_kwarg}: int)`; what "
            "functions give, an attribute can be",
        )
    return {each.name: each for each in taken.parameters}
