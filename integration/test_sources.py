"""Rules that hold for all sources."""

import importlib
from types import ModuleType

import grimp
import pytest

from integration.environment import run
from integration.packages import MEMBERS

PUBLIC = sorted(f"webaio.{folder.name}" for package in MEMBERS for folder in package.public_folders)


def test_floors() -> None:
    """An import goes down the floors, and none goes round."""
    run("lint-imports", "--no-cache")


@pytest.mark.parametrize("name", PUBLIC)
def test_exports(name: str) -> None:
    """`__all__` is sorted, constants first, has no doubles, and each name is there and described."""
    module = importlib.import_module(name)
    exported = module.__all__
    assert list(exported) == sorted(set(exported), key=lambda each: (not each.isupper(), each))
    assert module.__doc__
    for each in exported:
        member = getattr(module, each)
        assert isinstance(member, ModuleType) or member.__doc__


def test_every_public_name_has_a_floor() -> None:
    """A new folder must be given its place in the list of floors."""
    from integration.packages import META

    roots = META.pyproject["tool"]["importlinter"]["root_packages"]
    assert sorted(roots) == PUBLIC


def test_no_module_imports_its_own_room() -> None:
    """A module imports its neighbours, and not the package that imports it: that is a cycle."""
    graph = grimp.build_graph(*PUBLIC)
    for module in graph.modules:
        rooms = {module.rsplit(".", count)[0] for count in range(1, module.count("."))}
        assert not rooms & graph.find_modules_directly_imported_by(module), module
