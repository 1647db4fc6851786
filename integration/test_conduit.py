"""The RealWorld API of examples/conduit, as its README says, and with a client that is generated."""

import ast
import json
import shlex
import shutil
import sys
import textwrap
import tokenize
from pathlib import Path
from typing import Any

import pytest

from integration.browser import browsing
from integration.conduit import FOLDER, serving_conduit
from integration.databases import url_beside
from integration.documents import blocks_of, curl
from integration.engine import compose, prepare, require_engine
from integration.environment import make_environment, run
from integration.serving import free_port, request
from integration.test_documents import WHOLE

_JSON = {"Content-Type": "application/json"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy, in which what runs there leaves its files."""
    ignored = shutil.ignore_patterns(".*_cache", "__pycache__", "conduit.db*")
    return shutil.copytree(FOLDER, tmp_path / "conduit", ignore=ignored)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_own_tests(project: Path, kind: str) -> None:
    """They pass on both databases."""
    command = ("env", f"DATABASE_URL={url_beside(kind)}", sys.executable, "-m", "pytest", "-q")
    output = run(*command, "-W", "error::pytest.PytestWarning", cwd=project)
    assert " passed" in output
    assert "skipped" not in output


def test_page(tmp_path: Path) -> None:
    """What the page shows stands in the files, as it is there; its requests have its answers."""
    database, port = f"sqlite+aiosqlite:///{tmp_path}/conduit.db", free_port()
    blocks = blocks_of(WHOLE, str(port))
    shown = [each for each in blocks if each.language == "python"]
    assert len(shown) > 15
    for each in shown:
        assert each.file is not None
        forms = [textwrap.indent(each.code, " " * depth) for depth in (0, 4, 8)]
        text = (FOLDER / each.file).read_text()
        assert any(f"\n{form}" in text for form in forms), each.code
    requests = [pair for each in blocks for pair in each.commands if pair[0].startswith("curl")]
    with serving_conduit(port, database, tmp_path / "log"):
        for command, output in requests:
            assert f"{curl(*shlex.split(command)[1:])}\n" == output


def test_swagger(tmp_path: Path) -> None:
    """The page at /swagger takes a token, and asks with it; each group has words of its own."""
    database = f"sqlite+aiosqlite:///{tmp_path}/conduit.db"
    with serving_conduit(free_port(), database, tmp_path / "log") as url, browsing() as visit:
        user = {"username": "ann", "email": "ann@mail.example", "password": "a long sentence"}
        body = json.dumps({"user": user}).encode()
        token = json.loads(request("POST", f"{url}/api/users", body, _JSON)[1])["user"]["token"]
        page = visit.page
        page.goto(f"{url}/swagger")
        page.locator("button.authorize").click()
        page.locator(".dialog-ux input").fill(f"Token {token}")
        page.locator(".dialog-ux button.authorize").click()
        page.locator(".dialog-ux button.btn-done").click()
        me = page.locator("#operations-user-user_detail")
        me.locator(".opblock-summary").click()
        me.get_by_role("button", name="Try it out").click()
        me.get_by_role("button", name="Execute").click()
        status = me.locator(".live-responses-table tbody .response-col_status").first
        status.wait_for()
        assert status.inner_text().split()[0] == "200"
        groups = json.loads(request("GET", f"{url}/openapi.json")[1])["tags"]
        assert len({each["description"] for each in groups}) == len(groups)
        assert visit.complaints == []


def test_lines() -> None:
    """The README says how many lines of code there are."""
    apart = {"conftest.py", "migrations", "tests"}
    files = [each for each in FOLDER.rglob("*.py") if not apart & {*each.relative_to(FOLDER).parts}]
    counted = sum(map(lines_of, files))
    assert f"| this | {counted} |" in (FOLDER / "README.md").read_text()


def test_made_by_the_scaffold(tmp_path: Path) -> None:
    """What it has as every project has it is as the scaffold makes it."""
    command = ("webaio-create-project", "--no-input", "--project-slug", "conduit")
    run(*command, "--database", "postgresql", cwd=tmp_path)
    for name in (
        *("Dockerfile", "database.py", "gunicorn.conf.py", "health.py", "runner.py"),
        *("migrations/script.py.mako", "tests/test_migrations.py", "tests/test_project.py"),
    ):
        made = (tmp_path / "conduit" / name).read_text()
        assert (FOLDER / name).read_text() == made, name


def lines_of(path: Path) -> int:
    """Count lines of code: without blank ones, comments and docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    apart = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    lines = set[int]()
    with path.open("rb") as file:
        for each in tokenize.tokenize(file.readline):
            if each.type not in (*apart, tokenize.ENCODING, tokenize.ENDMARKER):
                lines.update(range(each.start[0], each.end[0] + 1))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            lines.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(lines)


CLIENT = """
import sys
from client import AuthenticatedClient, Client
from client.api.articles import articles_create, articles_feed, articles_list
from client.api.profiles import profiles_follow
from client.api.users import users_create, users_login
from client.models import *

def logged_in(name):
    new = NewUser(username=name, email=f"{name}@mail.example", password="a long sentence")
    users_create.sync(client=anybody, body=NewUserIn(user=new))
    log_in = LogIn(email=new.email, password=new.password)
    token = users_login.sync(client=anybody, body=LogInIn(user=log_in)).user.token
    return AuthenticatedClient(base_url=sys.argv[1], token=token, prefix="Token")

anybody = Client(base_url=sys.argv[1])
ann, bob = logged_in("ann"), logged_in("bob")
new = NewArticle(title="How to", description="Short", body="Long", tag_list=["a"])
articles_create.sync(client=ann, body=NewArticleIn(article=new))
profiles_follow.sync("ann", client=bob)
feed = articles_feed.sync(client=bob)
assert (feed.articles_count, feed.articles[0].title) == (1, "How to"), feed
assert (feed.articles[0].tag_list, feed.articles[0].author.following) == (["a"], True), feed
refused = articles_create.sync(client=ann, body=NewArticleIn(NewArticle("", "Short", "Long")))
assert refused.errors.to_dict() == {"title": ["Must have a length of at least 1"]}, refused
"""


def test_generated_client(tmp_path: Path) -> None:
    """It logs in, writes an article, reads a feed, and knows the form of errors."""
    environment = make_environment(tmp_path / "venv", "3.11")
    environment.install("openapi-python-client")
    generate = environment.script("openapi-python-client")
    options = ("--output-path", str(tmp_path / "client"), "--meta", "none")
    database = f"sqlite+aiosqlite:///{tmp_path}/conduit.db"
    with serving_conduit(free_port(), database, tmp_path / "log") as url:
        said = run(generate, "generate", "--url", f"{url}/openapi.json", *options, cwd=tmp_path)
        assert "WARNING" not in said, said
        run(environment.script("python"), "-c", CLIENT, url, cwd=tmp_path)


def collection(*statuses: int) -> dict[str, Any]:
    """Ask for the tags, and expect each of the statuses."""
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    test = "tests['status'] = responseCode.code === {}"
    items = [
        {
            "name": f"expect {each}",
            "request": {"method": "GET", "url": "{{APIURL}}/tags"},
            "event": [{"listen": "test", "script": {"exec": [test.format(each)]}}],
        }
        for each in statuses
    ]
    return {"info": {"name": "tags", "schema": schema}, "item": items}


def test_collection(tmp_path: Path) -> None:
    """The chore makes the requests of a collection, and fails where one of them does."""
    file = tmp_path / "collection.json"
    file.write_text(json.dumps(collection(200, 404)))
    chore = (sys.executable, "-m", "integration.conduit", "--port", str(free_port()))
    with pytest.raises(AssertionError, match=r"(?s): 1\nAPI .*expect 200.*✓  status.*1\. status"):
        run(*chore, "--collection", str(file))


def test_containers(project: Path, wheels: list[Path]) -> None:
    """`docker compose up` makes the tables and serves; the tests run in a container."""
    require_engine()
    prepare(project, wheels)
    port = free_port()
    (project / ".env").write_text(f"PORT={port}\n")
    url = f"http://127.0.0.1:{port}"
    try:
        compose(project, "up", "--detach", "--build", "--wait")
        user = {"username": "ann", "email": "ann@mail.example", "password": "a long sentence"}
        body = json.dumps({"user": user}).encode()
        status, answer = request("POST", f"{url}/api/users", body, _JSON)
        assert status == 201, answer
        headers = {"Authorization": f"Token {json.loads(answer)['user']['token']}"}
        assert request("GET", f"{url}/api/user", headers=headers)[0] == 200
        tests = ("pytest", "tests/test_users.py", "tests/test_migrations.py")
        assert " passed" in compose(project, "run", "--rm", "conduit", *tests)
    finally:
        compose(project, "down", "--volumes", "--rmi", "local")
