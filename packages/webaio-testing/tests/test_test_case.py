from aiohttp import web

from webaio.testing import APIClient, APITestCase


async def index(request: web.Request) -> web.Response:
    return web.json_response("index")


def make() -> web.Application:
    app = web.Application()
    app.router.add_get("/", index, name="index")
    return app


class TestByName(APITestCase):
    """The factory is named; the client is ready in each test."""

    application = f"{__name__}:make"

    async def test_client(self) -> None:
        self.assertIsInstance(self.api_client, APIClient)
        self.assertEqual(await self.api_client.get(self.api_client.url("index")), "index")

    async def test_failure(self) -> None:
        with self.assertRaisesRegex(AssertionError, "answered 404 Not Found"):
            await self.api_client.get("/nowhere")


class TestByMethod(APITestCase):
    """The application is made by a method, as in aiohttp's test case."""

    async def get_application(self) -> web.Application:
        return make()

    async def test_client(self) -> None:
        self.assertEqual(await self.api_client.get("/", expect=200), "index")


def test_without_an_application() -> None:
    """A test case that names nothing says what to set."""

    class TestNothing(APITestCase):
        async def test(self) -> None: ...

    result = TestNothing("test").run()
    assert result is not None
    assert 'set application = "module:factory"' in result.errors[0][1]


def test_wrong_application() -> None:
    """One whose application cannot be made says where it is named."""

    class TestWrong(APITestCase):
        application = "nowhere:make"

        async def test(self) -> None: ...

    result = TestWrong("test").run()
    assert result is not None
    assert "TestWrong.application: 'nowhere:make'" in result.errors[0][1]
