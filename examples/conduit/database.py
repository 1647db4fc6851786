"""The database: `Base` knows its tables; those of an app are in its tables.py."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

# The names of keys and constraints: a migration needs them, and an error tells them.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
