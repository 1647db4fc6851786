"""Viewsets with a database behind them, on SQLAlchemy: `webaio-core[sqlalchemy]`.

class ArtistViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]): ...

setup(app, "sqlite+aiosqlite:///app.db")
"""

import importlib.util

if importlib.util.find_spec("sqlalchemy") is None:
    raise ImportError("Install webaio-core[sqlalchemy] to use webaio.sqlalchemy.")

from ._bulk import BulkModelViewSet
from ._database import DATABASE, Database, database_of
from ._idempotency_store import DatabaseIdempotencyStore
from ._model_viewset import ModelViewSet
from ._read_only_viewset import ReadOnlyModelViewSet
from ._setup import create_engine, setup
from ._transaction import Session, Transaction
from ._types import BigInt, Int, SmallInt, Text100, UTCDateTime

__all__ = [
    "DATABASE",
    "BigInt",
    "BulkModelViewSet",
    "Database",
    "DatabaseIdempotencyStore",
    "Int",
    "ModelViewSet",
    "ReadOnlyModelViewSet",
    "Session",
    "SmallInt",
    "Text100",
    "Transaction",
    "UTCDateTime",
    "create_engine",
    "database_of",
    "setup",
]
