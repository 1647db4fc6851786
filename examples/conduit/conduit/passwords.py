"""Hashes of passwords, in threads of their own: one takes 100 ms and 64 MB."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from pwdlib import PasswordHash
from webaio.exceptions import ServiceUnavailable

MOST_WAITING = 16
Given = TypeVarTuple("Given")
Result = TypeVar("Result")


def let_others_first() -> None:
    """Take the processor only while nobody else wants it: on Linux each thread may say so."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))


_argon2 = PasswordHash.recommended()
_threads = ThreadPoolExecutor(4, "passwords", let_others_first)
_nobody = _argon2.hash("the password of nobody")
_waiting = 0


async def hashed(password: str) -> str:
    return await _in_thread(_argon2.hash, password)


async def is_right(password: str, hash: str | None) -> bool:
    """Verify a password; None is the hash of an unknown account, and takes as long."""
    found = await _in_thread(_argon2.verify, password, hash or _nobody)
    return found and hash is not None


async def _in_thread(function: Callable[[*Given], Result], *given: *Given) -> Result:
    global _waiting
    if _waiting >= MOST_WAITING:
        raise ServiceUnavailable("Too many log-ins at once.", retry_after=1)
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, function, *given)
    finally:
        _waiting -= 1
