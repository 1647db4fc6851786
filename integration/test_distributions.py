"""What is in the files that are published."""

import re
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from integration.packages import MEMBERS, META, Package
from webaio.scaffold import create_project

ALL = [META, *MEMBERS]
TEMPLATES = "webaio/scaffold/templates/"


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def wheel_of(package: Package, dist: Path) -> Path:
    (wheel,) = dist.glob(f"{package.name.replace('-', '_')}-{package.project['version']}-*.whl")
    return wheel


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_five_of_each(dist: Path) -> None:
    """Each distribution gives one sdist and one wheel for every platform."""
    assert len(list(dist.glob("*.tar.gz"))) == len(ALL) == 5
    assert len(list(dist.glob("*-py3-none-any.whl"))) == 5


def test_nothing_stands_in_the_namespace(wheels: list[Path]) -> None:
    """The namespace that the packages share has folders only."""
    for wheel in wheels:
        assert [name for name in names_in(wheel) if re.fullmatch(r"webaio/[^/]+", name)] == []


def test_no_file_is_in_two_wheels(wheels: list[Path]) -> None:
    """Each file belongs to one distribution, so that installing one never harms another."""
    names = [name for wheel in wheels for name in names_in(wheel)]
    assert len(names) == len(set(names))


def test_the_meta_package_has_no_code(dist: Path) -> None:
    """The wheel `webaio` is its metadata, and its sdist no copy of the repository."""
    assert all(".dist-info/" in name for name in names_in(wheel_of(META, dist)))
    (sdist,) = dist.glob("webaio-[0-9]*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names <= {
        "CHANGELOG.md",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "pyproject.toml",
        ".gitignore",
    }


@pytest.mark.parametrize("package", MEMBERS, ids=lambda package: package.name)
def test_public_folders_are_typed(package: Package, dist: Path) -> None:
    """Each public folder says that it is typed, since the namespace itself cannot."""
    names = names_in(wheel_of(package, dist))
    assert package.public_folders
    for folder in package.public_folders:
        assert f"webaio/{folder.name}/__init__.py" in names
        assert f"webaio/{folder.name}/py.typed" in names


@pytest.mark.parametrize("package", MEMBERS, ids=lambda package: package.name)
def test_everything_is_in_the_wheel(package: Package, dist: Path) -> None:
    """Every source file is in the wheel, the templates' hidden files too."""
    expected = {
        str(path.relative_to(package.sources))
        for path in package.sources.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    found = {name for name in names_in(wheel_of(package, dist)) if ".dist-info/" not in name}
    assert found == expected


def test_hidden_templates(dist: Path) -> None:
    """The template's hidden files are there: the last rule would not see them fail together."""
    (scaffold,) = (package for package in MEMBERS if package.name == "webaio-scaffold")
    names = names_in(wheel_of(scaffold, dist))
    folder = f"{TEMPLATES}project/{{{{cookiecutter.project_slug}}}}"
    for name in (".env", ".dockerignore", ".gitignore"):
        assert f"{folder}/{name}" in names


@pytest.mark.parametrize("package", ALL, ids=lambda package: package.name)
def test_metadata(package: Package, dist: Path) -> None:
    """Each distribution has a description, a licence with its text, and its Python versions."""
    wheel = wheel_of(package, dist)
    metadata = metadata_of(wheel)
    assert len(str(metadata.get_payload())) > 500
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert any(name.endswith("licenses/LICENSE") for name in names_in(wheel))
    assert metadata["Requires-Python"] == ">=3.11"


@pytest.mark.parametrize("package", ALL, ids=lambda package: package.name)
def test_changelog(package: Package) -> None:
    """Each changelog has a heading for the version that the package has."""
    text = (package.folder / "CHANGELOG.md").read_text()
    assert re.search(rf"^## {re.escape(package.project['version'])}\b", text, re.MULTILINE)


def test_ranges_of_the_meta_package() -> None:
    """The meta-package asks for all members, and its ranges admit their versions."""
    requirements = {
        requirement.name: requirement.specifier
        for requirement in map(Requirement, META.project["dependencies"])
    }
    assert requirements.keys() == {package.name for package in MEMBERS}
    for package in MEMBERS:
        assert package.project["version"] in requirements[package.name]


@pytest.mark.parametrize("database", [None, "postgresql", "sqlite"])
def test_requirements_of_a_project(database: str | None, tmp_path: Path) -> None:
    """A new project asks for versions that admit these, the service for components only."""
    folder = create_project({}, tmp_path, database=database)
    asked = {
        "requirements.txt": {"webaio-core", "webaio-errors"},
        "requirements-dev.txt": {"webaio"},
    }
    for file, names in asked.items():
        lines = (folder / file).read_text().splitlines()
        requirements = [Requirement(line) for line in lines if not line.startswith("--")]
        found = {
            each.name: each.specifier for each in requirements if each.name.startswith("webaio")
        }
        assert found.keys() == names
        for package in ALL:
            assert package.project["version"] in found.get(package.name, SpecifierSet())
    assert "0.0.2" not in found["webaio"]


@pytest.mark.parametrize("package", MEMBERS, ids=lambda package: package.name)
def test_what_packages_need(package: Package) -> None:
    """Core stands on errors, and no other member on another; every bound has a lower end."""
    requirements = [Requirement(each) for each in package.project["dependencies"]]
    needed = {each.name for each in requirements if each.name.startswith("webaio")}
    assert needed == ({"webaio-errors"} if package.name == "webaio-core" else set())
    for requirement in requirements:
        assert any(bound.operator == ">=" for bound in requirement.specifier)


def test_range_of_errors(tmp_path: Path) -> None:
    """Core asks for a range of errors that admits the present version, and ends before the next."""
    core, errors = (
        next(each for each in MEMBERS if each.name == name)
        for name in ("webaio-core", "webaio-errors")
    )
    (asked,) = (
        each.specifier
        for each in map(Requirement, core.project["dependencies"])
        if each.name == errors.name
    )
    major, minor, *_ = (int(each) for each in errors.project["version"].split("."))
    assert errors.project["version"] in asked
    assert f"{major}.{minor + 1}.0" not in asked
