"""The project's commands on a machine that has only Python: `python3 dev.py X` = `hatch run X`.

    python3 dev.py demo            serve the tutorial's project
    python3 dev.py demo --check    the same, make its requests, stop
    python3 dev.py conduit         serve the RealWorld API of examples/conduit
    python3 dev.py test            run all tests
    python3 dev.py lint            ruff: check and format
    python3 dev.py types           mypy --strict, and pyright over what users write
    python3 dev.py bench           compare with aiohttp by hand and other frameworks

The first run puts hatch into `.venv`. pip is asked to install there from outside, since Debian's
Python can make no environment with a pip of its own.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
HATCH = "hatch>=1.18,<2"
OLDEST = (3, 11)


def main(arguments: list[str]) -> int:
    if sys.version_info < OLDEST:
        return refuse("Python {}.{} or later is needed.".format(*OLDEST))
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__, end="")
        return 0 if arguments else 2
    hatch = installed_hatch() or install_hatch()
    if hatch is None:
        return refuse(f"hatch could not be installed into {ENVIRONMENT}; pip says why above.")
    os.chdir(ROOT)
    os.environ["PATH"] = os.pathsep.join((str(SCRIPTS), os.environ.get("PATH", os.defpath)))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes import the same
    return run([hatch, "run", *arguments])


def installed_hatch() -> str | None:
    return shutil.which("hatch", path=str(SCRIPTS))


def install_hatch() -> str | None:
    """Put hatch into `.venv`, and give its path; None where pip fails."""
    print(f"Installing hatch into {ENVIRONMENT} (once)", file=sys.stderr, flush=True)
    python = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=False, symlinks=os.name != "nt")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", HATCH]
    return installed_hatch() if subprocess.call(pip) == 0 else None


def run(command: list[str]) -> int:
    """Run the command so that it ends with us.

    In a terminal, become the command: the terminal sends Ctrl-C to all of its processes. Elsewhere
    pass the signals that we get on to all of them, and wait until the last is gone.
    """
    if os.name == "nt":
        return subprocess.call(command)
    if sys.stdin.isatty():
        os.execv(command[0], command)
    process = subprocess.Popen(command, process_group=0)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: os.killpg(process.pid, number))
    status = process.wait()
    with contextlib.suppress(ProcessLookupError):
        while True:
            os.killpg(process.pid, 0)
            time.sleep(0.05)
    return status if status >= 0 else 128 - status


def refuse(message: str) -> int:
    print(f"dev.py: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
