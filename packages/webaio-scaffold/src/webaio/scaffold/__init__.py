"""Creates dockerized projects and apps; the commands are `webaio-create-project` and `-app`."""

from ._answers import Refused
from ._generate import create_app, create_project

__all__ = ["Refused", "create_app", "create_project"]
