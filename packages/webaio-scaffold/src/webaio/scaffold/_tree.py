from collections.abc import Iterable
from pathlib import PurePath

from rich.console import Console
from rich.text import Text
from rich.tree import Tree


def print_tree(root: str, files: Iterable[PurePath]) -> None:
    """Print the files below `root` as a tree, each folder once, in their order."""
    tree = Tree(Text(f"{root}/"))
    folders = {PurePath("."): tree}
    for file in files:
        for folder in reversed(file.parents):
            if folder not in folders:
                folders[folder] = folders[folder.parent].add(Text(f"{folder.name}/"))
        folders[file.parent].add(Text(file.name))
    Console(soft_wrap=True).print(tree)
