"""Chromium without a screen."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Page, sync_playwright

_QUIET: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
)


class Visit:
    """A page, with every request that it made and every complaint of the browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text))


@contextlib.contextmanager
def browsing() -> Iterator[Visit]:
    """Open an empty page in Chromium.

    Where there is none the test is skipped; `REQUIRE_BROWSER=1` makes that a failure.
    """
    path = shutil.which("chromium")
    if path is None:
        missing = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        try:
            yield Visit(browser.new_page(viewport={"width": 1200, "height": 1500}))
        finally:
            browser.close()
