"""Test tools for APIs on aiohttp: a pytest plugin, a client, and assertions.

The plugin loads itself, with the fixtures `app`, `api_client`, `api_client_factory`,
`live_server` and `database`; they can also be imported, from `webaio.testing.fixtures`.
"""

from ._api_client import APIClient, RequestOptions
from ._api_clients import APIClientFactory, api_clients
from ._application import load_application
from ._clock import Clock
from ._contract import assert_error_contract
from ._guarded import assert_guarded
from ._live_server import LiveServer
from ._new_database import new_database
from ._openapi import assert_matches_openapi
from ._override import override
from ._problem import assert_problem
from ._queries import assert_queries
from ._test_case import APITestCase

__all__ = [
    "APIClient",
    "APIClientFactory",
    "APITestCase",
    "Clock",
    "LiveServer",
    "RequestOptions",
    "api_clients",
    "assert_error_contract",
    "assert_guarded",
    "assert_matches_openapi",
    "assert_problem",
    "assert_queries",
    "load_application",
    "new_database",
    "override",
]
