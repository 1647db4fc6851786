"""Settings, from the environment; for development also from the file local.env.

One without a default is required. At the start, all that are missing or wrong are named.
"""

import logging
from pathlib import Path

from environs import Env, validate

env = Env(eager=False)
env.read_env(Path(__file__).with_name("local.env"), recurse=False)

DATABASE_URL = env.str("DATABASE_URL", default="sqlite+aiosqlite:///conduit.db")
DRAIN_SECONDS = env.float("DRAIN_SECONDS", default=5, validate=validate.Range(min=0, max=9))
LOG_LEVEL = env.log_level("LOG_LEVEL", default=logging.INFO)
ORIGINS: list[str] = env.list("ORIGINS", default=[])  # of front ends: https://app.example
SECRET = env.str("SECRET", validate=validate.Length(min=32))  # signs the tokens
SWAGGER = env.bool("SWAGGER", default=False)

env.seal()
