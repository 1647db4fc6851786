"""The plugin, end to end: a project's own tests run in a process of their own."""

import pytest

pytest_plugins = ["pytester"]

OTHERS_OFF = ("-p", "no:schemathesis", "-p", "no:hypothesispytest")
"""Other plugins of this environment, which only cost time."""

MAIN = """
from aiohttp import web

REQUESTS = web.AppKey("REQUESTS", list)

async def index(request):
    request.app[REQUESTS].append(request.path)
    return web.json_response(len(request.app[REQUESTS]))

def make():
    app = web.Application()
    app[REQUESTS] = []
    app.router.add_get("/", index, name="index")
    return app

async def get_web_app():
    return make()

async def nothing():
    return None

def takes(settings):
    return make()

def fails():
    raise RuntimeError("no database")

app = make()
"""
TESTS = """
async def test_first(api_client):
    assert await api_client.get("/") == 1

async def test_second(api_client):
    assert await api_client.get("/") == 1
"""
LIVE_APPLICATION = """
from main import REQUESTS
from webaio.testing import override

async def test_state(live_server, api_client_factory):
    client = await api_client_factory(live_server)
    assert client.url("index") == "/"
    live_server.app[REQUESTS][:] = ["a", "b"]
    assert await client.get("/") == 3
    with override(live_server.app, REQUESTS, []):
        assert await client.get("/") == 1
    assert await client.get("/") == 4
"""
SHARED = """
import pytest
import pytest_asyncio
from main import make
from webaio.testing import api_clients

pytestmark = pytest.mark.asyncio(loop_scope="SCOPE")

@pytest_asyncio.fixture(scope="SCOPE", loop_scope="SCOPE")
async def app():
    return make()

@pytest_asyncio.fixture(scope="SCOPE", loop_scope="SCOPE")
async def api_client_factory():
    async with api_clients() as make:
        yield make

@pytest_asyncio.fixture(scope="SCOPE", loop_scope="SCOPE")
async def api_client(app, api_client_factory):
    return await api_client_factory(app)

async def test_first(api_client):
    api_client.authenticate("x")
    assert await api_client.get("/") == 1

async def test_second(app, api_client, api_client_factory):
    assert "Authorization" in api_client.headers
    assert await api_client.get("/") == 2
    other = await api_client_factory(app)
    assert await other.get("/") == 3
"""
OTHER_LOOP = """
import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

async def test_other(app, FIXTURE):
    await USE
"""
LIVE = """
async def test_first(live_server, api_client_factory):
    client = await api_client_factory(live_server)
    client.authenticate("x")
    assert await client.get("/") == 1

async def test_second(live_server, api_client_factory):
    client = await api_client_factory(live_server)
    assert not client.headers
    assert await client.get("/") == 2

def test_third(live_server):
    assert live_server.startswith("http://127.0.0.1:")
"""
CRASH = """
from aiohttp import web
import pytest

async def crash(request):
    raise KeyError("the reason")

@pytest.fixture
def app():
    app = web.Application()
    app.router.add_get("/", crash)
    return app

async def test_crash(api_client):
    await api_client.get("/")
"""
OVERRIDE = """
import pytest
from aiohttp import web

async def index(request):
    return web.json_response(1)

@pytest.fixture
def app():
    app = web.Application()
    app.router.add_get("/", index)
    return app
"""


def run(
    pytester: pytest.Pytester, *options: str, ini: str = "", alone: bool = True
) -> pytest.RunResult:
    """Run a project's tests in a process of their own, or, for a tenth of the time, in this one."""
    pytester.makepyfile(main=MAIN, test_it=TESTS)
    pytester.makeini(
        f"""
        [pytest]
        filterwarnings = error
        asyncio_mode = auto
        asyncio_default_fixture_loop_scope = function
        pythonpath = .
        {ini}
        """
    )
    start = pytester.runpytest_subprocess if alone else pytester.runpytest_inprocess
    return start(*OTHERS_OFF, *options)


@pytest.mark.parametrize("factory", ["get_web_app", "make"])
def test_application_of_the_ini_file(pytester: pytest.Pytester, factory: str) -> None:
    """`api_client` serves what the ini option names, and every test has an app of its own."""
    run(pytester, ini=f"webaio_app = main:{factory}").assert_outcomes(passed=2)


def test_own_fixture(pytester: pytest.Pytester) -> None:
    """A project's fixture `app` takes the place of the plugin's."""
    pytester.makeconftest(OVERRIDE)
    run(pytester).assert_outcomes(passed=2)


def test_strict_mode(pytester: pytest.Pytester) -> None:
    """The fixtures work where pytest-asyncio is strict, too."""
    tests = "import pytest\npytestmark = pytest.mark.asyncio\n" + TESTS
    pytester.makepyfile(test_strict=tests)
    result = run(
        pytester, "test_strict.py", "-o", "asyncio_mode=strict", ini="webaio_app = main:make"
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("", "*No application to test. Set `webaio_app = main:get_web_app`*"),
        ("main:takes", "*missing 1 required positional argument: 'settings'*"),
        ("main:fails", "*RuntimeError: no database*"),
        ("main:nowhere", "*'main:nowhere' is not a function of the module 'main'.*"),
        ("main", "*'main' names no factory. Write 'module:factory'.*"),
        ("main:app", "*'main:app' is one application, and every test starts its own.*"),
        ("main:MAIN", "*'main:MAIN' is not a function of the module 'main'.*"),
        ("main:nothing", "*'main:nothing' gave NoneType, not a web.Application.*"),
        ("nowhere:app", "*No module named 'nowhere'*"),
    ],
)
def test_refusals(pytester: pytest.Pytester, reference: str, message: str) -> None:
    """What gives no application is refused with the fix, and the place where it is named."""
    pytester.makepyfile(test_live="def test_live(live_server): ...")
    result = run(pytester, ini=f"webaio_app = {reference}", alone=False)
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines([message])
    if reference:
        place = f"*The application is named in the ini option webaio_app: '{reference}'."
        result.stdout.fnmatch_lines([place] * 3)


def test_module_that_is_not_found(pytester: pytest.Pytester) -> None:
    """The option that makes pytest find it is named; one that is missing there is another fault."""
    path = "*pythonpath to the folder*"
    pytester.makepyfile(broken="import nowhere")
    result = run(pytester, ini="webaio_app = nowhere:make", alone=False)
    result.stdout.fnmatch_lines([path])
    result = run(pytester, ini="webaio_app = broken:make", alone=False)
    result.stdout.fnmatch_lines(["*No module named 'nowhere'"])
    result.stdout.no_fnmatch_line(path)


def test_switched_off(pytester: pytest.Pytester) -> None:
    """With `-p no:webaio` its fixtures are gone; they can be imported."""
    run(pytester, "-p", "no:webaio").assert_outcomes(errors=2)
    pytester.makeconftest(
        f"from webaio.testing.fixtures import api_client, api_client_factory\n{OVERRIDE}"
    )
    run(pytester, "-p", "no:webaio").assert_outcomes(passed=2)


def test_live_server(pytester: pytest.Pytester) -> None:
    """One server lives through the session; its clients start anew in each test."""
    pytester.makepyfile(test_live=LIVE)
    run(pytester, "test_live.py", ini="webaio_app = main:get_web_app").assert_outcomes(passed=3)


def test_application_of_the_live_server(pytester: pytest.Pytester) -> None:
    """Its state can be set, its values overridden, and its routes named."""
    pytester.makepyfile(test_live=LIVE_APPLICATION)
    run(pytester, "test_live.py", ini="webaio_app = main:make").assert_outcomes(passed=1)


@pytest.mark.parametrize(("scope", "mode"), [("module", "auto"), ("session", "strict")])
def test_shared_client(pytester: pytest.Pytester, scope: str, mode: str) -> None:
    """A project's own fixtures may live longer than a test."""
    pytester.makepyfile(test_shared=SHARED.replace("SCOPE", scope))
    run(pytester, "test_shared.py", "-o", f"asyncio_mode={mode}").assert_outcomes(passed=2)


def test_loop_scopes_of_the_ini_file(pytester: pytest.Pytester) -> None:
    """With both options alike the plugin's own fixtures serve tests of another loop scope."""
    scopes = ("fixture", "test")
    options = [f"asyncio_default_{each}_loop_scope=module" for each in scopes]
    given = [part for option in options for part in ("-o", option)]
    run(pytester, *given, ini="webaio_app = main:make").assert_outcomes(passed=2)


def test_another_event_loop(pytester: pytest.Pytester) -> None:
    """A test of another loop scope is refused at once, with the options and the mark to set."""
    uses = {"api_client": 'api_client.get("/")', "api_client_factory": "api_client_factory(app)"}
    for name, use in uses.items():
        tests = OTHER_LOOP.replace("FIXTURE", name).replace("USE", use)
        pytester.makepyfile(**{f"test_{name}": tests})
    # What is left open of the other loop, is pytest-asyncio's.
    result = run(pytester, "-p", "no:unraisableexception", ini="webaio_app = main:make")
    result.assert_outcomes(failed=2, passed=2)
    for words in (
        "*RuntimeError: *`asyncio_default_fixture_loop_scope`*",
        "*RuntimeError: *`asyncio_default_test_loop_scope`*",
        "*RuntimeError: *`@pytest.mark.asyncio(loop_scope=…)`*",
    ):
        result.stdout.fnmatch_lines([words] * 2)


@pytest.mark.parametrize("mode", ["importlib", "prepend", "append"])
def test_import_modes(pytester: pytest.Pytester, mode: str) -> None:
    """Fixtures, markers and the ini option work however pytest imports the tests."""
    pytester.makepyfile(test_live=LIVE)
    options = (f"--import-mode={mode}", "-p", "no:cacheprovider")
    run(pytester, *options, ini="webaio_app = main:make").assert_outcomes(passed=5)


@pytest.mark.parametrize("reference", ["", "main:nothing"])
def test_live_server_that_does_not_start(pytester: pytest.Pytester, reference: str) -> None:
    """A server that cannot start is an error of each test, and nothing hangs."""
    pytester.makepyfile(test_live=LIVE)
    result = run(pytester, "test_live.py", ini=f"webaio_app = {reference}", alone=False)
    result.assert_outcomes(errors=3)


def test_crash_is_shown(pytester: pytest.Pytester) -> None:
    """A failing test shows the handler's own line."""
    pytester.makepyfile(test_crash=CRASH)
    result = run(pytester, "test_crash.py", "--show-capture=no")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(['*raise KeyError("the reason")', "*answered 500 Internal*"])
    result.stdout.no_fnmatch_line("*_api_client.py:*")


def test_parallel(pytester: pytest.Pytester) -> None:
    """The fixtures work in several processes at once."""
    pytester.makepyfile(test_live=LIVE.replace("== 1", ">= 1").replace("== 2", ">= 1"))
    result = run(pytester, "-n", "4", ini="webaio_app = main:get_web_app")
    result.assert_outcomes(passed=5)


def test_fixtures_of_pytest_aiohttp(pytester: pytest.Pytester) -> None:
    """They come with the package, so that a project's older tests go on."""
    pytester.makepyfile(
        test_old="""
        from main import make

        async def test_old(aiohttp_client):
            client = await aiohttp_client(make())
            assert (await client.get("/")).status == 200
        """
    )
    run(pytester, "test_old.py").assert_outcomes(passed=1)


def test_help(pytester: pytest.Pytester) -> None:
    """The ini option and the fixtures describe themselves."""
    assert "webaio_app" in pytester.runpytest_subprocess(*OTHERS_OFF, "--help").stdout.str()
    fixtures = pytester.runpytest_subprocess(*OTHERS_OFF, "--fixtures").stdout.str()
    assert "An `APIClient` of a running `app`" in fixtures


CRASHING = """
import logging
from aiohttp import web
from webaio.testing import assert_error_contract

async def handler(request):
    return web.Response()

@web.middleware
async def logging_errors(request, handler):
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:
        other = RuntimeError("wrapped")
        other.__cause__ = error
        logging.getLogger("own").error("failed", exc_info=other)
        raise

async def test_errors():
    app = web.Application(middlewares=[logging_errors])
    app.router.add_get("/", handler)
    await assert_error_contract(app)
"""


def test_report_of_a_broken_contract(pytester: pytest.Pytester) -> None:
    """It shows what is wrong, and not the tracebacks of the exceptions that the contract raises."""
    pytester.makepyfile(CRASHING)
    pytester.makeini("[pytest]\nasyncio_mode = auto")
    result = pytester.runpytest_subprocess(*OTHERS_OFF)
    result.stdout.fnmatch_lines(["*GET / (crash): the media type is text/plain*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*Captured*")
