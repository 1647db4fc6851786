"""Test tools for APIs on aiohttp: a pytest plugin with the fixtures `app` and `api_client`.

The plugin loads itself. The fixtures can also be imported, from `webaio.testing.fixtures`.
"""

from ._application import load_application

__all__ = ["load_application"]
