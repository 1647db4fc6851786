"""How gunicorn serves the project; the environment gives PORT, and WEB_CONCURRENCY, its workers."""

import logging.config
import sys

from environs import EnvError

wsgi_app = "runner:get_runner"
worker_class = "aiohttp.GunicornUVLoopWebWorker"
graceful_timeout = timeout = 45  # the runner takes up to 32, and the application cleans up
control_socket_disable = True  # the container's file system may be read-only

logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "webaio.middlewares.RequestIDFilter"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(levelname)s %(name)s %(message)s %(request_id)s",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": True,
        }
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "json",
            "stream": "ext://sys.stdout",
        }
    },
    "root": {"level": "INFO", "handlers": ["stdout"]},
    "loggers": {"gunicorn.error": {"level": "NOTSET", "handlers": [], "propagate": True}},
}
# Before gunicorn does it, so that the log has what is wrong with the settings, too.
logging.config.dictConfig(logconfig_dict)
try:
    import settings
except Exception as error:
    is_told = isinstance(error, EnvError)
    logging.getLogger("settings").critical("The start failed: %s", error, exc_info=not is_told)
    sys.exit(1)
logconfig_dict["root"] = {"level": settings.LOG_LEVEL, "handlers": ["stdout"]}
