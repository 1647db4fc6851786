import contextlib
import inspect

from webaio.decorators._callable import Function, called, name_of
from webaio.exceptions import ImproperlyConfigured


class Depends:
    """Marks what a function gives: `Annotated[AsyncSession, Depends(session)]`.

    The function is a plain one, which must not block, a coroutine function, or an async generator
    function. What follows its `yield` runs when the action is done, before the answer is sent; the
    exception that ended the action, if there was one, is raised at the `yield`, and goes on
    afterwards. Its own parameters are read as those of an action, and may depend on further
    functions. It runs once in a request, however often it is named.

        async def session(request: web.Request) -> AsyncIterator[AsyncSession]:
            async with request.app[SESSIONS].begin() as session:
                yield session

        Session = Annotated[AsyncSession, Depends(session)]

        class ArtistViewSet(BaseViewSet):
            async def list(self, session: Session) -> Artists: ...

    `@operation` on the function says the errors and the security that it adds. An attribute of a
    viewset that is annotated so is set on each instance, before `before` runs.

    Raises `ImproperlyConfigured` for what is no such function.
    """

    __slots__ = ("function",)

    def __init__(self, function: Function) -> None:
        _require_function(function)
        self.function = function

    def __repr__(self) -> str:
        return f"Depends({name_of(self.function)})"


def _require_function(function: object) -> None:
    where = "Depends"
    if not callable(function):
        raise ImproperlyConfigured(where, f"{function!r} is no function", "Write Depends(function)")
    where = f"Depends({name_of(function)})"
    code = called(function)
    if inspect.isgeneratorfunction(code):
        raise ImproperlyConfigured(where, "it is a generator", "Write `async def`")
    if getattr(getattr(code, "__code__", None), "co_filename", "") == contextlib.__file__:
        raise ImproperlyConfigured(
            where, "it gives a context manager", "Take `@asynccontextmanager` off"
        )
    try:
        hash(function)
    except TypeError as error:
        raise ImproperlyConfigured(
            where, f"it has no hash ({error})", "Wrap a function around it"
        ) from error
