import asyncio

from aiohttp import web

import settings
from health import STOPPING


class Runner(web.AppRunner):
    """Runs the application in a worker of gunicorn, and stops it without losing a request."""

    def __init__(self, app: web.Application) -> None:
        # aiohttp waits so long for handlers to end, and again for them to be cancelled.
        super().__init__(app, shutdown_timeout=10, access_log_format='%a "%r" %s %b %Tf')

    async def cleanup(self) -> None:
        """Turn `/readyz` off, go on until that is known, finish what has begun, clean up."""
        self.app[STOPPING].set()
        await asyncio.sleep(settings.DRAIN_SECONDS)
        await super().cleanup()
