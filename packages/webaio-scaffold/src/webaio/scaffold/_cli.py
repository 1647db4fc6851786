import argparse
import functools
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from ._answers import Refused
from ._ask import ask
from ._commands import APP_COMMAND, PROJECT_COMMAND, Command
from ._plan import default_answers, files_below
from ._tree import ASCII, tree_of

_DRY_RUN: Final = "Nothing was written to {path}: this is a dry run.\n"


def create_project_command(arguments: Sequence[str] | None = None) -> int:
    """Run `webaio-create-project`; gives 0, or 1 with a message where nothing was created."""
    return _run(PROJECT_COMMAND, arguments)


def create_app_command(arguments: Sequence[str] | None = None) -> int:
    """Run `webaio-create-app`; gives 0, or 1 with a message where nothing was created."""
    return _run(APP_COMMAND, arguments)


def _run(command: Command, arguments: Sequence[str] | None) -> int:
    _end_as_at_ctrl_c()
    defaults = default_answers(command.template)
    options = _parser(command, defaults).parse_args(arguments)
    try:
        place = command.require_place(options)
        answers = {**defaults, **_answers(command, defaults, place, options)}
        plan = command.plan(answers, place, options)
        files = plan.files() if options.dry_run else files_below(plan.create())
    except Refused as refusal:
        return _failed(command, str(refusal))
    except FileNotFoundError as error:
        return _failed(command, f"This folder is gone ({error}). Change to one that is there.")
    except EOFError:
        return _failed(command, "The answers ended early. Give them as options, or --no-input.")
    except KeyboardInterrupt:
        return _failed(command, "Stopped; nothing was created.")
    told = _DRY_RUN.format(path=plan.path) if options.dry_run else command.next_steps(plan)
    _print(f"{tree_of(plan.path.name, files)}\n{told}")
    return 0


def _answers(
    command: Command, defaults: Mapping[str, str], place: Path, options: argparse.Namespace
) -> dict[str, str]:
    """Give the answers of the options, and of the questions that they leave."""
    values = {question.name: getattr(options, question.name) for question in command.questions}
    given = {name: value for name, value in values.items() if value is not None}
    if options.no_input:
        return given
    if sys.stdin is None:  # it was closed
        raise EOFError
    check = functools.partial(command.check, place)
    return given | ask(command.questions, defaults, given, check)


def _end_as_at_ctrl_c() -> None:
    """Let every signal that ends a command end it as Ctrl-C does, with nothing left behind."""
    for name in ("SIGHUP", "SIGTERM"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as with nohup
            signal.signal(number, signal.default_int_handler)


def _print(text: str) -> None:
    """Print what was done, as far as the terminal knows it and somebody reads it (`| head`)."""
    if sys.stdout is None:  # it was closed
        return
    encoding = sys.stdout.encoding or "ascii"
    if "─" not in "─".encode(encoding, "ignore").decode(encoding):
        text = text.translate(ASCII)
    try:
        print(text.encode(encoding, "replace").decode(encoding), end="", flush=True)
    except OSError:
        # Python flushes once more at its end: into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(command: Command, message: str) -> int:
    print(f"{command.name}: {message}", file=sys.stderr)
    return 1


def _parser(command: Command, defaults: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        command.name,
        description=f"{command.description} What is not given as an option is asked for.",
        epilog=f"examples:\n{command.examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--no-input", action="store_true", help="ask nothing: take the defaults for the rest"
    )
    for question in command.questions:
        parser.add_argument(
            f"--{question.name.replace('_', '-')}",
            metavar="TEXT",
            help=f"{question.meaning} (default: {defaults[question.name]})",
        )
    command.add_options(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be created, and create nothing"
    )
    parser.add_argument("--version", action="version", version=version("webaio-scaffold"))
    return parser
