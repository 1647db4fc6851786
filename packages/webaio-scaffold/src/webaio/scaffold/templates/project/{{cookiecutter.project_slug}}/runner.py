import asyncio

from aiohttp import web
from webaio.access_log import AccessLogger

import settings
from health import STOPPING


class Runner(web.AppRunner):
    """Runs the application in a worker of gunicorn, and stops it without losing a request."""

    def __init__(self, app: web.Application) -> None:
        # aiohttp waits so long for handlers to end, and again for them to be cancelled.
        super().__init__(app, shutdown_timeout=10, access_log_class=AccessLogger)

    async def cleanup(self) -> None:
        """Turn `/readyz` off, go on until that is known, finish what has begun, clean up."""
        self.app[STOPPING].set()
        await asyncio.sleep(settings.DRAIN_SECONDS)
        await super().cleanup()
