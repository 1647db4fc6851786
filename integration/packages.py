"""What the repository holds: its distributions, as their `pyproject.toml` describes them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Package:
    """One distribution of the repository."""

    folder: Path

    @property
    def pyproject(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "pyproject.toml").read_text())

    @property
    def project(self) -> dict[str, Any]:
        project: dict[str, Any] = self.pyproject["project"]
        return project

    @property
    def name(self) -> str:
        return str(self.project["name"])

    @property
    def sources(self) -> Path:
        return self.folder / "src"

    @property
    def public_folders(self) -> list[Path]:
        """The folders below `webaio`, each with a public name."""
        return sorted(path for path in (self.sources / "webaio").iterdir() if path.is_dir())

    @property
    def modules(self) -> list[str]:
        """The names of all modules, private ones too; templates are no modules."""
        paths = [
            path.relative_to(self.sources).with_suffix("")
            for path in sorted(self.sources.rglob("*.py"))
            if "templates" not in path.parts
        ]
        return [".".join(path.parts).removesuffix(".__init__") for path in paths]


META: Final = Package(ROOT)
MEMBERS: Final = [Package(path.parent) for path in sorted(ROOT.glob("packages/*/pyproject.toml"))]

OPTIONAL: Final = {"webaio.sqlalchemy": "webaio-core[sqlalchemy]"}
"""The public modules that need an extra, which their error names."""
