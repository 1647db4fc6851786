import asyncio
import contextlib
import logging
import sys
from collections.abc import Iterator

from aiohttp import web
from webaio.access_log import AccessLogger

import settings
from health import STOPPING


async def get_runner() -> web.AppRunner:
    """Make what gunicorn serves, for each of its workers."""
    with ending_gunicorn():
        from main import create_app

        return Runner(create_app())


class Runner(web.AppRunner):
    """Runs the application in a worker of gunicorn, and stops it without losing a request."""

    def __init__(self, app: web.Application) -> None:
        # aiohttp waits so long for handlers to end, and again for them to be cancelled; and it
        # reads on so long what was refused already, such as an upload of who may not.
        super().__init__(app, shutdown_timeout=10, lingering_time=1, access_log_class=AccessLogger)

    async def setup(self) -> None:
        """Start the application."""
        with ending_gunicorn():
            await super().setup()

    async def cleanup(self) -> None:
        """Turn `/readyz` off, go on until that is known, finish what has begun, clean up."""
        self.app[STOPPING].set()
        await asyncio.sleep(settings.DRAIN_SECONDS)
        await super().cleanup()


@contextlib.contextmanager
def ending_gunicorn() -> Iterator[None]:
    """End gunicorn where a start fails, with one line in the log; it would start the next worker."""
    try:
        yield
    except Exception as error:
        logging.getLogger(__name__).critical("The start failed: %r", error, exc_info=True)
        sys.exit(3)  # gunicorn's WORKER_BOOT_ERROR
