from pathlib import Path

from environs import Env

env = Env()
env.read_env(str(Path(__file__).with_name("local.env")), recurse=False)

SWAGGER = env.bool("SWAGGER", default=False)
