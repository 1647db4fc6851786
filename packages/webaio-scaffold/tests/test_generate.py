import ast
import keyword
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import webaio.scaffold
from webaio.scaffold import Refused, create_app, create_project
from webaio.scaffold._answers import _DEVICES, _PROJECT_MODULES, _RESOURCE_NAMES
from webaio.scaffold._words import class_names

PROJECT_FILES = {
    ".dockerignore",
    ".env",
    ".github/workflows/ci.yml",
    ".gitignore",
    "Dockerfile",
    "README.md",
    "apps/__init__.py",
    "compose.production.yml",
    "conftest.py",
    "docker-compose.yml",
    "gunicorn.conf.py",
    "health.py",
    "local.env",
    "main.py",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.txt",
    "routes.py",
    "runner.py",
    "settings.py",
    "tests/test_project.py",
}
DATABASE_FILES = {
    "database.py",
    "migrations/env.py",
    "migrations/script.py.mako",
    "migrations/versions/.gitkeep",
    "tests/test_migrations.py",
}
DATABASES = ["postgresql", "sqlite"]
ALL_FIELDS = [
    *("name:str", "born:int?", "notes:text", "height:float", "is_alive:bool?", "day:date"),
    *("date:date?", "made:datetime", "key:uuid?"),
]
APP_FILES = {"__init__.py", "routes.py", "views.py", "tests/__init__.py", "tests/test_api.py"}
RUFF = Path(sys.executable).with_name("ruff")


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_project(tmp_path: Path) -> None:
    """The tutorial's files are there, and nothing else is left behind."""
    path = create_project({"project_slug": "quickstart"}, tmp_path)
    assert path == tmp_path / "quickstart"
    assert files_of(path) == PROJECT_FILES
    assert list(tmp_path.iterdir()) == [path]


def test_compiled_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an installer compiled of the templates does not come into a project."""
    templates = Path(webaio.scaffold.__file__).with_name("templates")
    copied = tmp_path / "templates"
    shutil.copytree(templates, copied)
    for folder in copied.glob("*/*/"):
        (folder / "__pycache__").mkdir(exist_ok=True)
        (folder / "__pycache__" / "main.pyc").write_bytes(b"")
    monkeypatch.setattr("webaio.scaffold._plan._TEMPLATES", copied)
    (tmp_path / "made").mkdir()
    assert files_of(create_project({}, tmp_path / "made")) == PROJECT_FILES


def test_defaults(tmp_path: Path) -> None:
    """Answers that are left out have the tutorial's defaults."""
    path = create_project({}, tmp_path)
    assert path.name == "webaio-project"
    assert (path / ".env").read_text() == "PORT=8080\n"
    assert (
        "# Webaio Project\n\nA short description of the project\n"
        in (path / "README.md").read_text()
    )


def test_app(tmp_path: Path) -> None:
    """An app is a package in `apps`, and nothing else of the project is touched."""
    project = create_project({}, tmp_path)
    path = create_app({"app_name": "api"}, project)
    assert path == project / "apps" / "api"
    assert files_of(path) == APP_FILES
    assert files_of(project) == PROJECT_FILES | {f"apps/api/{name}" for name in APP_FILES}


def test_kubernetes(tmp_path: Path) -> None:
    """With `kubernetes` there is one file more, with names that Kubernetes takes."""
    path = create_project({"project_slug": "my_shop"}, tmp_path, kubernetes=True)
    assert files_of(path) == PROJECT_FILES | {"kubernetes.yml"}
    deployment, service = yaml.safe_load_all((path / "kubernetes.yml").read_text())
    assert deployment["metadata"]["name"] == service["metadata"]["name"] == "my-shop"


@pytest.mark.parametrize("database", DATABASES)
def test_database(tmp_path: Path, database: str) -> None:
    """With a database there are its migrations; without one nothing says a word of any."""
    path = create_project({"project_slug": "shop"}, tmp_path, database=database)
    assert files_of(path) == PROJECT_FILES | DATABASE_FILES
    require_clean(path)
    assert "alembic" in (path / "requirements.txt").read_text()
    assert not (path / "alembic.ini").exists()
    for compose in ("docker-compose.yml", "compose.production.yml"):
        services = yaml.safe_load((path / compose).read_text())["services"]
        condition = services["shop"]["depends_on"]["migrations"]["condition"]
        assert condition == "service_completed_successfully"
    plain = create_project({}, tmp_path, kubernetes=True)
    for file in filter(Path.is_file, plain.rglob("*")):
        text = file.read_text().lower()
        for word in ("sqlalchemy", "alembic", "migration", "sqlite", "postgres", "#%"):
            assert word not in text, (file, word)


def test_database_in_kubernetes(tmp_path: Path) -> None:
    """A pod migrates before it starts, with the settings that it has, and not on a file of its own."""
    path = create_project({}, tmp_path, kubernetes=True, database="postgresql")
    deployment, _ = yaml.safe_load_all((path / "kubernetes.yml").read_text())
    pod = deployment["spec"]["template"]["spec"]
    (migrations,), (container,) = pod["initContainers"], pod["containers"]
    assert migrations["command"] == ["alembic", "upgrade", "head"]
    assert migrations["image"] == container["image"]
    secret, optional = (each["envFrom"][0]["secretRef"]["name"] for each in (migrations, container))
    assert secret == optional
    with pytest.raises(Refused, match=r"'sqlite' is a file, which the pods .* Choose postgresql"):
        create_project({"project_slug": "other"}, tmp_path, kubernetes=True, database="sqlite")
    with pytest.raises(Refused, match=r"'oracle' is not known. Choose one of postgresql, sqlite"):
        create_project({"project_slug": "other"}, tmp_path, database="oracle")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("database", DATABASES)
def test_resource_with_a_table(tmp_path: Path, database: str) -> None:
    """In a project with a database a resource has a table, which its viewset serves."""
    project = create_project({}, tmp_path, database=database)
    path = create_app({"app_name": "api"}, project, resource="record_label")
    assert files_of(path) == APP_FILES | {"models.py", "tables.py"}
    views = (path / "views.py").read_text()
    assert "ModelViewSet[RecordLabel, RecordLabelOut, RecordLabelIn]" in views
    assert '__tablename__ = "record_label"' in (path / "tables.py").read_text()
    assert 'basename="record-label"' in (path / "routes.py").read_text()


@pytest.mark.parametrize("database", [None, *DATABASES])
def test_fields(tmp_path: Path, database: str | None) -> None:
    """A resource has the fields that it was given, those that may be null last."""
    project = create_project({}, tmp_path, database=database)
    fields = ["born:int?", "name:str"]
    path = create_app({"app_name": "api"}, project, resource="artist", fields=fields)
    models = (path / "models.py").read_text()
    assert re.search(r"\n    name: .+\n    born: [Ii]nt \| None = None\n", models)
    assert re.search(r"\n    name: str\n    born: int \| None\n", models)
    if database is not None:
        columns = (
            "    name: Mapped[str] = mapped_column(String(100))\n    born: Mapped[int | None]\n"
        )
        assert columns in (path / "tables.py").read_text()
    create_app({"app_name": "all"}, project, resource="every_type", fields=ALL_FIELDS)
    create_app({"app_name": "long"}, project, resource="a" * 20, fields=[f"{'a' * 30}:datetime?"])
    require_clean(project)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (["name"], "field 'name' cannot be read. Write NAME:TYPE, such as 'name:str'"),
        (["name:varchar"], "a type is one of bool, date, datetime, float, int, str, text, uuid"),
        (["Name:str"], "cannot be read"),
        (["_name:str"], "cannot be read"),
        (["my-name:str"], "cannot be read"),
        (["name:str??"], "cannot be read"),
        (["name:?str"], "cannot be read"),
        (["name:str\n"], "cannot be read"),
        ([f"{'a' * 31}:str"], "up to 30"),
        (["class:str"], "field 'class:str' has a name that is needed for something else"),
        (["id:int"], "is needed"),
        (["int:int?"], "is needed"),
        (["dt:date"], "is needed"),
        (["metadata:str"], "is needed"),
        (["name:str", "name:int"], "field 'name' is there twice"),
        ([], "Give one, such as name:str"),
    ],
)
def test_refused_fields(tmp_path: Path, fields: list[str], message: str) -> None:
    """A field that cannot be is refused with what is wrong, and nothing is created."""
    project = create_project({}, tmp_path)
    with pytest.raises(Refused) as caught:
        create_app({"app_name": "api"}, project, resource="artist", fields=fields)
    assert message in str(caught.value)
    with pytest.raises(Refused, match="fields are those of a resource"):
        create_app({"app_name": "api"}, project, fields=fields)
    assert files_of(project) == PROJECT_FILES


def test_resource(tmp_path: Path) -> None:
    """With a resource an app has its viewset, named as the resource in each style."""
    project = create_project({}, tmp_path)
    path = create_app({"app_name": "api"}, project, resource="record_label")
    assert files_of(path) == APP_FILES | {"exceptions.py", "models.py"}
    assert "class RecordLabelViewSet(BaseViewSet)" in (path / "views.py").read_text()
    assert 'basename="record-label"' in (path / "routes.py").read_text()
    assert 'detail = "Record label does not exist"' in (path / "exceptions.py").read_text()


@pytest.mark.parametrize(
    ("routes", "answers", "resource"),
    [
        ("", {"app_name": "shop"}, "artist"),
        ("", {"app_name": "artist"}, None),
        ("routes += [web.get('/label/', index)]", {"app_name": "shop"}, "label"),
        ("routes += [web.get(path='/label/', handler=index)]", {"app_name": "label"}, None),
        ("router.register(Labels, 'record-label')", {"app_name": "shop"}, "record_label"),
    ],
)
def test_url_that_is_taken(
    tmp_path: Path, routes: str, answers: dict[str, str], resource: str | None
) -> None:
    """No two apps answer one URL: the second is refused, with the routes that have it."""
    project = create_project({}, tmp_path)
    api = create_app({"app_name": "api"}, project, resource="artist")
    (api / "routes.py").write_text(f"{(api / 'routes.py').read_text()}\n{routes}\n")
    before = files_of(project)
    with pytest.raises(Refused, match=r"would answer /.+/, as apps/api/routes.py does already"):
        create_app(answers, project, resource=resource)
    assert files_of(project) == before


def test_url_that_is_free(tmp_path: Path) -> None:
    """Words beside a path or a basename are no URL, and routes that cannot be read have none."""
    project = create_project({}, tmp_path)
    routes = create_app({"app_name": "api"}, project, resource="artist") / "routes.py"
    routes.write_text(f"{routes.read_text()}\n# album\nSimpleRouter(namespace='album')\n'album'\n")
    create_app({"app_name": "albums"}, project, resource="album")
    (project / "routes.py").write_text("this is no Python: artist")
    routes.write_bytes(b"register('artist') \xff\x00")
    create_app({"app_name": "artists"}, project, resource="artist")


@pytest.mark.parametrize(
    "resource",
    ["", "a", "Artist", "my-artist", "1st", "_x", "a__b", "a_", "a" * 21, "artist\n", "../x"],
)
def test_refused_resources(tmp_path: Path, resource: str) -> None:
    """A resource is one word of lower-case letters, or some joined by `_`; nothing is created."""
    project = create_project({}, tmp_path)
    with pytest.raises(Refused, match="cannot name classes and a URL"):
        create_app({"app_name": "api"}, project, resource=resource)
    assert files_of(project) == PROJECT_FILES


@pytest.mark.parametrize("resource", ["partial", "base", "none", "key_error", "u_r_l", "mapped"])
def test_resources_that_hide_a_name(tmp_path: Path, resource: str) -> None:
    """A resource whose class would hide a name that the app needs is refused."""
    project = create_project({}, tmp_path)
    with pytest.raises(Refused, match="that name is needed for something else"):
        create_app({"app_name": "api"}, project, resource=resource)


def test_names_of_the_resource_template(tmp_path: Path) -> None:
    """Those names are all that the templates use and do not make from the resource."""
    used: set[str] = set()
    for slug, database in (("plain", None), ("stored", "sqlite")):
        project = create_project({"project_slug": slug}, tmp_path, database=database)
        path = create_app({"app_name": "api"}, project, resource="artist", fields=ALL_FIELDS)
        for source in path.rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text())):
                if isinstance(node, ast.ImportFrom):
                    used.update(alias.name for alias in node.names)
                elif isinstance(node, ast.Name):
                    used.add(node.id)
    capitals = {name for name in used if name[0].isupper() and not name.startswith("Artist")}
    assert capitals == _RESOURCE_NAMES


def test_modules_of_the_project(tmp_path: Path) -> None:
    """No project can have the name of a module in it."""
    path = create_project({}, tmp_path, database="sqlite")
    names = {"migrations", *(each.stem for each in path.iterdir() if each.suffix == ".py")}
    assert {name for name in names if name.isidentifier()} <= _PROJECT_MODULES


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"project_slug": ""}, "project_slug '' cannot name"),
        ({"project_slug": "a"}, "cannot name"),
        ({"project_slug": "3d"}, "cannot name"),
        ({"project_slug": "a-"}, "cannot name"),
        ({"project_slug": "a__b"}, "cannot name"),
        ({"project_slug": "a-_b"}, "cannot name"),
        ({"project_slug": "a.b"}, "cannot name"),
        ({"project_slug": "class"}, "'class' is a keyword or a module"),
        ({"project_slug": "json"}, "'json' is a keyword or a module of Python"),
        ({"project_slug": "apps"}, "Choose another, such as 'apps-api'"),
        ({"project_slug": "aiohttp"}, "is a keyword or a module"),
        ({"project_slug": "../up"}, "project_slug '../up' cannot name"),
        ({"project_slug": "/srv/x"}, "cannot name"),
        ({"project_slug": "a/b"}, "cannot name"),
        ({"project_slug": "."}, "cannot name"),
        ({"project_slug": "-x"}, "cannot name"),
        ({"project_slug": "Upper"}, "cannot name"),
        ({"project_slug": "x\n"}, "cannot name"),
        ({"project_slug": "a" * 64}, "cannot name"),
        ({"project_name": ""}, "project_name '' is not one line"),
        ({"project_name": " "}, "project_name ' ' is not one line"),
        ({"project_name": "a\nb"}, "is not one line"),
        ({"description": "a\x00b"}, "description 'a\\x00b' is not one line"),
        ({"description": "x" * 201}, "is not one line"),
        ({"description": "\ud800"}, "is not one line"),
        ({"port": "0"}, "port '0' cannot be used"),
        ({"port": "65535"}, "port '65535' cannot be used"),
        ({"port": "http"}, "port 'http' cannot be used"),
        ({"port": "-1"}, "cannot be used"),
        ({"port": "0100"}, "port '0100' cannot be used"),
        ({"port": "0012345678"}, "cannot be used"),
        ({"project_name": "N\udcc3\udca4me"}, "did not come as UTF-8"),
        ({"project-slug": "shop"}, "No question is named 'project-slug'. Answer project_slug"),
        ({"port": "٣"}, "cannot be used"),
        ({"port": "1" * 10000}, "cannot be used"),
    ],
)
def test_refused_projects(tmp_path: Path, answers: dict[str, str], message: str) -> None:
    """An answer that cannot be used is refused with its name, and nothing is created."""
    with pytest.raises(Refused) as caught:
        create_project(answers, tmp_path)
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "class", "my-app", "../x", "Api", "1st", "_x", "api\n", "ä"])
def test_refused_apps(tmp_path: Path, name: str) -> None:
    """An app's name is a Python package's."""
    project = create_project({}, tmp_path)
    with pytest.raises(Refused, match="cannot name a Python package"):
        create_app({"app_name": name}, project)
    assert files_of(project) == PROJECT_FILES


@pytest.mark.parametrize("name", ["con", "prn", "aux", "nul", "com1", "com9", "lpt1", "lpt9"])
def test_devices_of_windows(tmp_path: Path, name: str) -> None:
    """What names a device of Windows names no folder; what only begins so may."""
    project = create_project({"project_slug": f"{name}-api"}, tmp_path)
    with pytest.raises(Refused, match=f"project_slug '{name}' is a device .* '{name}-api'"):
        create_project({"project_slug": name}, tmp_path)
    with pytest.raises(Refused, match=f"app_name '{name}' is a device .* '{name}_app'"):
        create_app({"app_name": name}, project)
    assert create_app({"app_name": f"{name}_app"}, project).is_dir()
    assert list(tmp_path.iterdir()) == [project]


def test_ignored_by_git(tmp_path: Path) -> None:
    """git leaves out environments, caches and what is secret, and takes in all that is created."""
    project = create_project({}, tmp_path)
    for path in ("venv/x", ".venv/x", "apps/__pycache__/x", ".pytest_cache/x", "production.env"):
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).touch()
    git = ["git", "-C", str(project), "-c", "core.excludesFile="]
    subprocess.run([*git, "init", "--quiet"], check=True)
    listed = [*git, "ls-files", "--others", "--exclude-standard"]
    done = subprocess.run(listed, capture_output=True, text=True, check=True)
    assert set(done.stdout.splitlines()) == PROJECT_FILES


def test_only_in_a_project(tmp_path: Path) -> None:
    """An app is created in a project's root only."""
    with pytest.raises(Refused, match=r"is not the root of a webaio project: it has no apps"):
        create_app({"app_name": "api"}, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["folder", "file", "broken link"])
def test_never_overwrites(tmp_path: Path, kind: str) -> None:
    """Whatever stands at the path stays as it is."""
    path = tmp_path / "quickstart"
    if kind == "folder":
        path.mkdir()
    elif kind == "file":
        path.write_text("mine")
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(Refused, match="exists already"):
        create_project({"project_slug": "quickstart"}, tmp_path)
    assert list(tmp_path.iterdir()) == [path]
    assert kind != "file" or path.read_text() == "mine"
    assert kind != "folder" or list(path.iterdir()) == []


def test_place_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is not there is refused as well."""
    with pytest.raises(Refused, match="nowhere is not a folder"):
        create_project({}, tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["{{cookiecutter.port}}", "{% raw %}", "x{#y"])
def test_place_that_reads_as_a_template(tmp_path: Path, name: str) -> None:
    """A folder is never read as a template, nor anything made beside it."""
    (tmp_path / name).mkdir()
    with pytest.raises(Refused, match="in its path"):
        create_project({}, tmp_path / name)
    assert list(tmp_path.rglob("*")) == [tmp_path / name]


def test_place_without_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be written is refused before anything is done."""
    project = create_project({}, tmp_path)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(Refused, match=f"{tmp_path} cannot be written"):
        create_project({"project_slug": "other"}, tmp_path)
    with pytest.raises(Refused, match="apps cannot be written"):
        create_app({}, project)


def test_templates_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of a project can be written, even where an installer took that from the templates."""
    templates = Path(webaio.scaffold.__file__).with_name("templates")
    copied = tmp_path / "templates"
    shutil.copytree(templates, copied)
    for file in copied.rglob("*.py"):
        file.chmod(0o444)
    monkeypatch.setattr("webaio.scaffold._plan._TEMPLATES", copied)
    (tmp_path / "made").mkdir()
    path = create_project({}, tmp_path / "made")
    assert all(each.stat().st_mode & 0o200 for each in path.rglob("*"))


def test_failure_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step fails nothing is left: the folder appears whole or not at all."""

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.rename", fail)
    with pytest.raises(Refused, match="No space left on device"):
        create_project({}, tmp_path)
    assert list(tmp_path.iterdir()) == []


SLUGS = st.from_regex(r"[a-z][a-z0-9]{1,9}([-_][a-z0-9]{1,9}){0,3}", fullmatch=True).filter(
    lambda slug: slug not in {*sys.stdlib_module_names, *_DEVICES, *keyword.kwlist}
)
LINES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200).filter(
    lambda text: text.isprintable() and text.strip()
)
SNAGS = st.lists(
    st.sampled_from(
        ['"', "'", '"""', "\\", "{{ x }}", "{% raw %}", "${PORT}", "#}", "%s", "\\N{x}"]
    ),
    min_size=1,
    max_size=6,
).map("".join)
RESOURCES = st.from_regex(r"[a-z][a-z0-9]{1,8}(_[a-z0-9]{1,4}){0,2}", fullmatch=True).filter(
    lambda resource: not {*_RESOURCE_NAMES, *keyword.kwlist}.intersection(class_names(resource))
)


def strings_in(source: Path) -> list[object]:
    tree = ast.parse(source.read_text("utf-8"), source.name)
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


def require_clean(project: Path) -> None:
    """Check the project's Python with its own settings of ruff, style and format."""
    for command in (["check"], ["format", "--check"]):
        options = [*command, "--no-cache", "--quiet", str(project)]
        done = subprocess.run([RUFF, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(
    slug=SLUGS, name=LINES | SNAGS, description=LINES | SNAGS, port=st.integers(1, 65534).map(str)
)
def test_any_answers(
    tmp_path_factory: pytest.TempPathFactory, slug: str, name: str, description: str, port: str
) -> None:
    """Whatever the answers, every file is valid and says them to the letter."""
    answers = {
        "project_slug": slug,
        "project_name": name,
        "description": description,
        "port": port,
    }
    path = create_project(answers, tmp_path_factory.mktemp("any"), kubernetes=True)
    require_clean(path)
    strings = strings_in(path / "main.py")
    assert name in strings
    assert description in strings
    assert f"# {name}\n\n{description}\n" in (path / "README.md").read_text("utf-8")
    assert tomllib.loads((path / "pyproject.toml").read_text())
    assert (path / ".env").read_text() == f"PORT={port}\n"
    assert f"ARG PORT={port}\n" in (path / "Dockerfile").read_text()
    for compose in ("docker-compose.yml", "compose.production.yml"):
        assert list(yaml.safe_load((path / compose).read_text())["services"]) == [slug]
    workflow = yaml.safe_load((path / ".github" / "workflows" / "ci.yml").read_text())
    assert workflow["jobs"]["image"]["steps"][-1]["run"] == f"docker build --tag {slug} ."
    deployment, _ = yaml.safe_load_all((path / "kubernetes.yml").read_text())
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"{slug}:latest"
    assert container["ports"] == [{"name": "http", "containerPort": int(port)}]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(
    app_name=st.from_regex(r"[a-z][a-z0-9_]{0,62}", fullmatch=True).filter(
        lambda name: not keyword.iskeyword(name) and name not in _DEVICES
    ),
    resource=st.none() | RESOURCES,
    database=st.sampled_from([None, "sqlite"]),
)
def test_any_app(
    tmp_path_factory: pytest.TempPathFactory,
    app_name: str,
    resource: str | None,
    database: str | None,
) -> None:
    """Whatever the name of an app and its resource, its code is valid and clean."""
    project = create_project({}, tmp_path_factory.mktemp("any"), database=database)
    create_app({"app_name": app_name}, project, resource=resource)
    require_clean(project)
