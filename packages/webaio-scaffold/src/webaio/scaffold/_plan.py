import contextlib
import os
import shutil
import stat
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
            return files_below(made)

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
        _require_literal(parent or Path(tempfile.gettempdir()))
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
            _tidy(made)
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


def require_writable(folder: Path) -> None:
    """Raise `Refused` unless something can be created in `folder`."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refused(f"{folder} cannot be written. Choose another folder, or ask for the right.")


def files_below(folder: Path) -> list[PurePath]:
    """Give the paths of all files below a folder, sorted."""
    return sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())


def _require_literal(folder: Path) -> None:
    """Refuse a folder whose path the templates' language would read: cookiecutter renders it too."""
    path = str(folder.resolve())
    for sign in ("{{", "{%", "{#"):
        if sign in path:
            raise Refused(f"{path} has {sign!r} in its path. Choose a folder without.")


def _tidy(folder: Path) -> None:
    """Remove what an installer compiled of the templates, and let the owner write the files.

    A template has the rights that its installer gave it, and cookiecutter copies them.
    """
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
    for file in folder.rglob("*"):
        file.chmod(file.stat().st_mode | stat.S_IWUSR)
