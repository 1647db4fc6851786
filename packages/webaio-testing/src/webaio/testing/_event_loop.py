import asyncio

__tracebackhide__ = True  # pytest shows the line of the test, not ours


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Give the event loop that runs; None outside of one."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def require_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """Refuse, with a `RuntimeError`, another event loop than the one in which a fixture was made."""
    if loop is not None and loop is not running_loop():
        raise RuntimeError(
            "The client was made in another event loop than the one of this test. "
            "Give the test the loop scope of its fixtures: set `asyncio_default_fixture_loop_scope` "
            "and `asyncio_default_test_loop_scope` alike in pytest's ini file, "
            "or mark the test with `@pytest.mark.asyncio(loop_scope=…)`."
        )
