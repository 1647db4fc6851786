import ast
import contextlib
from collections.abc import Iterator
from pathlib import Path

from ._answers import Refused


def require_free_url(project: Path, name: str, text: str, segment: str) -> None:
    """Raise `Refused` when routes of the project have the URL `/{segment}/` already.

    `text` is the answer to `name`, of which the URL is made. The routes are read, not run: a module
    that is no Python is passed over, and so is a URL that is put together.
    """
    url = f"/{segment}/"
    for module in (project / "routes.py", *sorted(project.glob("apps/*/routes.py"))):
        if not {segment, url}.isdisjoint(_words_of_calls(module)):
            raise Refused(
                f"{name} {text!r} would answer {url}, as {module.relative_to(project)} does already. "
                f"Choose another, such as 'other_{text}'."
            )


def _words_of_calls(module: Path) -> Iterator[str]:
    """Give the strings that calls get as a path or a basename: `register(View, basename="artist")`."""
    with contextlib.suppress(OSError, SyntaxError, ValueError):
        for call in ast.walk(ast.parse(module.read_bytes())):
            if isinstance(call, ast.Call):
                named = (each.value for each in call.keywords if each.arg in ("basename", "path"))
                for value in (*call.args, *named):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield value.value
