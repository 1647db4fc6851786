"""Rules that hold for all sources."""

import importlib
from types import ModuleType

import pytest

from integration.environment import run
from integration.packages import MEMBERS

PUBLIC = sorted(f"webaio.{folder.name}" for package in MEMBERS for folder in package.public_folders)


def test_floors() -> None:
    """An import goes down the floors, and never from one package to another."""
    run("lint-imports", "--no-cache")


@pytest.mark.parametrize("name", PUBLIC)
def test_exports(name: str) -> None:
    """`__all__` is sorted, has no doubles, and each name in it is there and described."""
    module = importlib.import_module(name)
    exported = module.__all__
    assert list(exported) == sorted(set(exported))
    assert module.__doc__
    for each in exported:
        member = getattr(module, each)
        assert isinstance(member, ModuleType) or member.__doc__


def test_every_public_name_has_a_floor() -> None:
    """A new folder must be given its place in the list of floors."""
    from integration.packages import META

    roots = META.pyproject["tool"]["importlinter"]["root_packages"]
    assert sorted(roots) == PUBLIC


@pytest.mark.parametrize("name", ["_head.py", "_json_response.py"])
def test_one_response(name: str) -> None:
    """No package imports another: the response that is written in one piece is in two, the same."""
    written = [each.read_text() for package in MEMBERS for each in package.sources.rglob(name)]
    assert len(written) == 2
    assert len(set(written)) == 1
