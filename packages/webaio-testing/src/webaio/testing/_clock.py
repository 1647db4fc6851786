import math


class Clock:
    """A clock that stands still until it is told to go on, in seconds.

    For what takes a clock, such as the counts of rates:

        clock = Clock()
        throttling.setup(app, store=MemoryStore(clock=clock))
        ...
        clock.advance(60)
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """Give the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Go on; raises `ValueError` for a time that is none, or before now."""
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"A clock cannot go on by {seconds!r} seconds.")
        self.now += seconds
