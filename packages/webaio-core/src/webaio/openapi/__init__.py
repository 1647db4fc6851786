"""The API's document, from the routes themselves: OpenAPI 3.1, and Swagger UI to read it.

`setup` adds both to an application; `document_of` gives the document to a test or a script. On the
command line `webaio-openapi main:get_web_app` writes it.
"""

from ._setup import document_of, setup

__all__ = ["document_of", "setup"]
