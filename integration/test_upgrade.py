"""From the single distribution `webaio` 0.0.2 of 2020 to the packages of today."""

import zipfile
from pathlib import Path

import pytest

from integration.environment import Environment, make_environment, run
from integration.packages import MEMBERS, OPTIONAL

OLD_FILES = (
    "webaio/__init__.py",
    "webaio/decorators.py",
    "webaio/exceptions.py",
    "webaio/middlewares.py",
    "webaio/routers.py",
    "webaio/viewsets.py",
)


def old_wheel(folder: Path) -> Path:
    """Make a wheel that owns the paths that the old distribution owned."""
    path = folder / "webaio-0.0.2-py3-none-any.whl"
    info = "webaio-0.0.2.dist-info"
    files = dict.fromkeys(OLD_FILES, "OLD = True\n") | {
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: webaio\nVersion: 0.0.2\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD"
    files[record] = "".join(f"{name},,\n" for name in (*files, record))
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def with_pip(environment: Environment, *what: Path) -> None:
    run(environment.script("python"), "-m", "pip", "install", "--quiet", *map(str, what))


def with_uv(environment: Environment, *what: Path) -> None:
    environment.install(*what)


@pytest.mark.parametrize("install", [with_pip, with_uv])
def test_upgrade(tmp_path: Path, wheels: list[Path], install: object) -> None:
    """After the upgrade nothing of the old files is left, and every new name imports."""
    assert callable(install)
    environment = make_environment(tmp_path / "venv", "3.11", pip=True)
    python = environment.script("python")
    install(environment, old_wheel(tmp_path))
    run(python, "-c", "import webaio.viewsets; assert webaio.viewsets.OLD")
    install(environment, *wheels)
    found = run(python, "-c", "import webaio; print(webaio.__file__, *webaio.__path__)")
    (site_packages,) = found.split()[1:]
    assert found.split()[0] == "None"
    left = sorted(path.name for path in Path(site_packages).iterdir() if path.is_file())
    assert left == []
    names = {f"webaio.{each.name}" for package in MEMBERS for each in package.public_folders}
    run(python, "-c", "\n".join(f"import {name}" for name in names - OPTIONAL.keys()))
    for name, extra in OPTIONAL.items():
        needs = f"try: import {name}\nexcept ImportError as error: print(error)"
        assert extra in run(python, "-c", needs)
