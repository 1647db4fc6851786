"""The pytest plugin: the ini option `webaio_app`, and the fixtures."""

import pytest

from .fixtures import INI_OPTION, api_client, api_client_factory, app, database, live_server

__all__ = ["api_client", "api_client_factory", "app", "database", "live_server", "pytest_addoption"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini option."""
    parser.addini(INI_OPTION, "the factory of the application to test, as module:factory")
