"""What an action may give beside a plain result: an `Answer` with headers, the `Event`s of a stream."""

from ._answer import Accepted, Answer, Created
from ._event import Event

__all__ = ["Accepted", "Answer", "Created", "Event"]
