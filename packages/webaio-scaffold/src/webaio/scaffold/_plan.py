import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final

from cookiecutter.generate import generate_context, generate_files

from ._answers import Refused
from ._words import words_of

_TEMPLATES: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be created: templates, laid over each other, the answers to them, and the path."""

    templates: tuple[str, ...]
    answers: Mapping[str, str]
    path: Path

    def files(self) -> list[PurePath]:
        """Give the files that would be created, below the path; nothing is written there."""
        with self._rendered(None) as made:
            return sorted(file.relative_to(made) for file in made.rglob("*") if file.is_file())

    def create(self) -> Path:
        """Create the folder whole, and give its path; raises `Refused` where it cannot."""
        require_free(self.path)
        try:
            # Beside the path, and moved there at the end: nobody sees half of it.
            with self._rendered(self.path.parent) as made:
                os.rename(made, self.path)
        except OSError as error:
            raise Refused(f"{self.path} cannot be written: {error.strerror or error}.") from error
        return self.path

    @contextlib.contextmanager
    def _rendered(self, parent: Path | None) -> Iterator[Path]:
        """Render into a folder that is gone at the end."""
        with tempfile.TemporaryDirectory(dir=parent, prefix=".webaio-") as scratch:
            for template in self.templates:
                generate_files(
                    _TEMPLATES / template,
                    {"cookiecutter": {**_defaults(template), **words_of(self.answers)}},
                    scratch,
                    overwrite_if_exists=True,
                    accept_hooks=False,
                )
            (made,) = Path(scratch).iterdir()
            _remove_compiled(made)
            yield made


def default_answers(template: str) -> dict[str, str]:
    """Give the answers that a template itself proposes."""
    return {name: str(value) for name, value in _defaults(template).items() if name[0] != "_"}


def _defaults(template: str) -> dict[str, Any]:
    context: dict[str, Any] = generate_context(str(_TEMPLATES / template / "cookiecutter.json"))
    return dict(context["cookiecutter"])


def require_free(path: Path) -> None:
    """Raise `Refused` when something stands at `path`; nothing is ever overwritten."""
    if os.path.lexists(path):
        raise Refused(f"{path} exists already. Choose another name, or move it away.")


def _remove_compiled(folder: Path) -> None:
    """Remove what an installer compiled of the template's Python files."""
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
