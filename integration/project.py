"""What is done with a created project: its tests are run, and it is served."""

import re
import sys
from pathlib import Path

from integration.environment import Environment, run


def outcome(environment: Environment, project: Path, *options: str) -> str:
    """Run the project's tests, and give the last line: what passed."""
    python = environment.script("python")
    output = run(python, "-W", "error::pytest.PytestWarning", "-m", "pytest", *options, cwd=project)
    return re.sub(r" in .*", "", output.splitlines()[-1].strip("= "))


def adev(environment: Environment, port: int) -> list[str]:
    command = "runserver main.py --no-livereload --port"
    return [environment.script("adev"), *command.split(), str(port)]


def gunicorn(environment: Environment, port: int, drain: int = 0) -> list[str]:
    settings = f"DRAIN_SECONDS={drain}"
    return ["env", settings, environment.script("gunicorn"), f"--bind=127.0.0.1:{port}"]


def require_valid_files(project: Path) -> None:
    """Check the files that are no Python: the Dockerfile, Kubernetes', Compose's and GitHub's."""

    def check(tool: str, *arguments: str) -> None:
        run(str(Path(sys.executable).with_name(tool)), *arguments, cwd=project)

    check("hadolint", "Dockerfile")
    if (project / "kubernetes.yml").exists():
        check("kubernetes-validate", "--strict", "kubernetes.yml")
    files = ("docker-compose.yml", "compose.production.yml")
    check("check-jsonschema", "--builtin-schema", "vendor.compose-spec", *files)
    workflow = ".github/workflows/ci.yml"
    check("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)
