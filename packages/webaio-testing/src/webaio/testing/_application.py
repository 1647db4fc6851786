import importlib
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web


async def load_application(reference: str) -> web.Application:
    """Make the application that `module:factory` names; the factory may be async.

        app = await load_application("main:get_web_app")

    Raises `ValueError` where the reference is not of that form, and `TypeError` where it names
    something that gives no `web.Application`. An application that stands in the module itself is
    refused too: it can start once only, and every test starts one.
    """
    factory = _factory(reference)
    made = factory()
    app = await made if inspect.isawaitable(made) else made
    if not isinstance(app, web.Application):
        raise TypeError(f"{reference!r} gave {type(app).__qualname__}, not a web.Application.")
    return app


async def application_named_in(place: str, reference: str) -> web.Application:
    """Make the application that `reference` names; what goes wrong says in which place it stands."""
    try:
        return await load_application(reference)
    except Exception as error:
        error.add_note(f"The application is named in {place}: {reference!r}.")
        module, _, _ = reference.partition(":")
        if isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}."):
            error.add_note("Set pytest's ini option pythonpath to the folder of that module.")
        raise


def _factory(reference: str) -> Callable[[], Awaitable[Any] | Any]:
    module, separator, name = reference.partition(":")
    if not (module and separator and name):
        raise ValueError(f"{reference!r} names no factory. Write 'module:factory'.")
    factory = getattr(importlib.import_module(module), name, None)
    if isinstance(factory, web.Application):
        raise TypeError(
            f"{reference!r} is one application, and every test starts its own. "
            "Name the function that makes it."
        )
    if not callable(factory):
        raise TypeError(f"{reference!r} is not a function of the module {module!r}.")
    return factory  # type: ignore[no-any-return]  # what it gives is checked by the caller
