import functools
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from aiohttp import hdrs, web

from webaio.exceptions import ImproperlyConfigured

_UNIX: Final = "unix"
_WITH_PORT: Final = re.compile(r"\[(.+)\](?::\d+)?|([\d.]+):\d+")
_LONGEST: Final = 64


class ClientAddresses:
    """Tells which address a request is counted by.

    It is the peer's, unless that is a trusted proxy: then `X-Forwarded-For` is read from its right,
    where the nearest proxy wrote, up to the first that is none. What stands left of it, anybody may
    have made up.
    """

    def __init__(self, trusted_proxies: Iterable[str]) -> None:
        names = _listed(trusted_proxies)
        networks = [_network(each) for each in names if each != _UNIX]
        self._trusts_unix = _UNIX in names
        self._trusts_any = bool(names)
        # The texts are few: those of the proxies and of the clients that ask now.
        self._is_trusted = functools.lru_cache(4096)(functools.partial(_is_in, networks))

    def of(self, request: web.Request) -> str:
        """Give the text that stands for the client's address.

        IPv6 clients are told apart by their /64: one has as many addresses in it as it likes.
        """
        peer = request.remote or ""  # a unix socket has none
        return counted(self._forwarded(peer, request) if self._trusts_any else peer)

    def _forwarded(self, peer: str, request: web.Request) -> str:
        if not (self._is_trusted(peer) if peer else self._trusts_unix):
            return peer
        client = peer
        entries = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, ())).split(",")
        for entry in reversed(entries):
            if not (text := entry.strip(" \t")):
                continue
            address = _without_port(text)
            if len(address) > _LONGEST or _parsed(address) is None:
                break  # who wrote this is the last that is known
            client = address
            if not self._is_trusted(address):
                break
        return client


@functools.lru_cache(4096)
def counted(address: str) -> str:
    """Give the text by which an address is counted."""
    found = _parsed(address)
    if found is None:
        return "unknown"
    if isinstance(found, IPv4Address):
        return str(found)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"


@functools.lru_cache(4096)
def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_in(networks: Iterable[IPv4Network | IPv6Network], address: str) -> bool:
    found = _parsed(address)
    return found is not None and any(found in network for network in networks)


def _without_port(text: str) -> str:
    """Take away the port that some proxies write: `203.0.113.9:8080`, `[2001:db8::1]:443`."""
    found = _WITH_PORT.fullmatch(text)
    return text if found is None else found[1] or found[2]


def _listed(trusted_proxies: Iterable[str]) -> list[str]:
    if isinstance(trusted_proxies, str):
        raise _refused(repr(trusted_proxies), "it is one text")
    return [*trusted_proxies]


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text) if isinstance(text, str) else None
    except ValueError as error:
        raise _refused(repr(text), f"it is no network ({error})") from error
    if network is None:
        raise _refused(repr(text), "it is no text")
    if network.prefixlen == 0:
        raise _refused(repr(text), "everybody is in it, and could write an address of his choice")
    return network


def _refused(found: str, what: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"throttling.setup, trusted_proxies: {found}",
        what,
        "List the networks of your proxies, as ['10.0.0.0/8', 'fd00::/8'], and 'unix' for one that "
        "comes by a unix socket",
    )
