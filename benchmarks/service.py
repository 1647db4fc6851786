"""The services that are compared, and how each is served: one worker, uvloop, no access log."""

import sys
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Service:
    """A service, and the command that serves it on `{port}`."""

    name: str
    command: tuple[str, ...]
    distributions: tuple[str, ...]
    refusal: int = 422
    """The status of the answer to an invalid body."""
    database: str = ""
    """The URL of its database, where it has one."""

    def command_on(self, port: int) -> list[str]:
        return [sys.executable, "-m", *(part.format(port=port) for part in self.command)]

    def with_resources(self, resources: int) -> "Service":
        """Give the same service of aiohttp or webaio with more resources."""
        command = (*self.command, "--resources", str(resources))
        return replace(self, command=command)

    def with_database(self, url: str) -> "Service":
        """Give the same service with a database."""
        return replace(self, database=url)


def _aiohttp(name: str, module: str, *distributions: str) -> Service:
    command = (f"benchmarks.services.{module}", "--port", "{port}")
    return Service(name, command, ("aiohttp", "uvloop", *distributions))


def _uvicorn(name: str, module: str, *distributions: str, refusal: int = 422) -> Service:
    options = "--port {port} --loop uvloop --http httptools --no-access-log --log-level warning"
    command = ("uvicorn", f"benchmarks.services.{module}:app", *options.split())
    distributions = (*distributions, "uvicorn", "httptools", "uvloop")
    return Service(f"{name}, uvicorn", command, distributions, refusal)


def _granian(name: str, module: str, distribution: str, refusal: int = 422) -> Service:
    options = "--interface asgi --port {port} --workers 1 --loop uvloop --log-level warning"
    command = ("granian", f"benchmarks.services.{module}:app", *options.split())
    distributions = (distribution, "granian", "uvloop")
    return Service(f"{name}, granian", command, distributions, refusal)


def _gunicorn(name: str, module: str, *distributions: str, refusal: int = 422) -> Service:
    options = "--bind 127.0.0.1:{port} --workers 1 --no-control-socket --log-level warning"
    command = ("gunicorn", f"benchmarks.services.{module}:application", *options.split())
    distributions = (*distributions, "django", "gunicorn")
    return Service(f"{name}, gunicorn", command, distributions, refusal)


def _sanic() -> Service:
    options = "--port {port} --single-process --no-access-logs --no-motd"
    command = ("sanic", "benchmarks.services.sanic:app", *options.split())
    return Service("Sanic", command, ("sanic", "httptools", "uvloop"))


def _robyn() -> Service:
    options = "{port} --processes 1 --workers 1 --log-level WARN"
    return Service("Robyn", ("benchmarks.services.robyn", *options.split()), ("robyn", "uvloop"))


BY_HAND: Final = _aiohttp("aiohttp by hand", "by_hand")
READY: Final = _aiohttp("aiohttp, answers ready", "ready")
TYPED: Final = _aiohttp("webaio, typed", "typed", "webaio-core", "webaio-errors", "msgspec")
SERVICES: Final = (
    BY_HAND,
    READY,
    TYPED,
    _aiohttp("webaio, a new project", "new_project", "webaio-core", "webaio-errors", "msgspec"),
    _aiohttp("webaio, tutorial's form", "untyped", "webaio-core"),
    _granian("BlackSheep", "blacksheep", "blacksheep", refusal=400),
    _uvicorn("BlackSheep", "blacksheep", "blacksheep", refusal=400),
    _granian("Falcon", "falcon", "falcon"),
    _uvicorn("Falcon", "falcon", "falcon"),
    _granian("Falcon, msgspec", "falcon_msgspec", "falcon"),
    _uvicorn("Falcon, msgspec", "falcon_msgspec", "falcon"),
    _robyn(),
    _sanic(),
    _uvicorn("Starlette", "starlette", "starlette"),
    _uvicorn("Litestar", "litestar", "litestar", refusal=400),
    _uvicorn("FastAPI", "fastapi", "fastapi"),
    _gunicorn("django-ninja", "ninja", "django-ninja"),
    _gunicorn("Django REST framework", "rest_framework", "djangorestframework", refusal=400),
)

_SQLALCHEMY: Final = ("aiosqlite", "asyncpg", "sqlalchemy")
MODEL_VIEWSET: Final = _aiohttp(
    *("webaio, model viewset", "data.model_viewset"),
    *("webaio-core", "webaio-errors", "msgspec", *_SQLALCHEMY),
)
ASYNCPG: Final = _aiohttp("aiohttp, asyncpg by hand", "data.by_hand", "asyncpg")
SQLMODEL: Final = _uvicorn(
    *("FastAPI, SQLModel", "data.sqlmodel"), *("fastapi", "sqlmodel", *_SQLALCHEMY)
)
ADVANCED_ALCHEMY: Final = _uvicorn(
    *("Litestar, advanced-alchemy", "data.advanced_alchemy"),
    *("litestar", "advanced-alchemy", *_SQLALCHEMY),
    refusal=400,
)
DATA_SERVICES: Final = (
    MODEL_VIEWSET,
    ASYNCPG,
    SQLMODEL,
    ADVANCED_ALCHEMY,
    _gunicorn(
        *("Django REST framework", "data.rest_framework", "djangorestframework", "psycopg"),
        refusal=400,
    ),
)
"""Those that store in a database."""
EXPORTING: Final = (MODEL_VIEWSET, SQLMODEL, ADVANCED_ALCHEMY)
"""Those of them that give all rows at once, too."""

CONDUIT: Final = _aiohttp(
    *("webaio", "conduit.webaio"), *("webaio-core", "webaio-errors", "msgspec", *_SQLALCHEMY)
)
CONDUIT_SERVICES: Final = (
    CONDUIT,
    _uvicorn("FastAPI", "conduit.fastapi", *("fastapi", "pyjwt", *_SQLALCHEMY)),
    _uvicorn(
        *("Litestar", "conduit.litestar"),
        *("litestar", "advanced-alchemy", "pyjwt", *_SQLALCHEMY),
    ),
    _gunicorn(
        *("Django REST framework", "conduit.rest_framework", "djangorestframework"),
        *("psycopg", "pyjwt"),
    ),
)
"""Those of the example `conduit`: a list of articles."""
