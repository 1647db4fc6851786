from typing import ClassVar

from aiohttp import web
from aiohttp.test_utils import AioHTTPTestCase

from ._api_client import APIClient
from ._application import application_named_in


class APITestCase(AioHTTPTestCase):
    """aiohttp's test case with an `APIClient` in `self.api_client`.

        class TestArtist(APITestCase):
            application = "main:get_web_app"

            async def test_list(self):
                self.assertEqual(await self.api_client.get("/artist/"), [])

    `application` names the factory; `get_application` may be overridden instead.
    """

    application: ClassVar[str] = ""
    api_client: APIClient

    async def get_application(self) -> web.Application:
        """Make the application that `application` names."""
        if not isinstance(self.application, str) or not self.application:
            raise TypeError(
                f'{type(self).__qualname__}: set application = "module:factory", '
                "or define get_application."
            )
        place = f"{type(self).__qualname__}.application"
        return await application_named_in(place, self.application)

    async def asyncSetUp(self) -> None:
        """Start the application, and make the client."""
        await super().asyncSetUp()
        self.api_client = APIClient(self.client, self.app)
