"""The pytest plugin: the ini option `webaio_app`, and the fixtures."""

import pytest

from .fixtures import INI_OPTION, api_client, app

__all__ = ["api_client", "app", "pytest_addoption"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(INI_OPTION, "the factory of the application to test, as module:factory")
