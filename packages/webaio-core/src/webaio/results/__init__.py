"""What an action may give beside a plain result: an `Answer` with a status, headers and cookies."""

from ._answer import Accepted, Answer, Created

__all__ = ["Accepted", "Answer", "Created"]
