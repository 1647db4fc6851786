"""CORS: `setup` says which other origins' pages may use the application.

cors.setup(app, ["https://app.example"], credentials=True)
"""

from ._setup import setup

__all__ = ["setup"]
