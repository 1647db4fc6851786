from aiohttp import web
from webaio.testing import APIClient

from health import STOPPING


async def test_probes(api_client: APIClient) -> None:
    await api_client.get("/livez", expect=200)
    await api_client.get("/readyz", expect=200)


async def test_stopping(app: web.Application, api_client: APIClient) -> None:
    app[STOPPING].set()

    await api_client.get("/livez", expect=200)
    await api_client.get("/readyz", expect=503)
