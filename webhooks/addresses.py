"""Which addresses may be sent to: checked when connecting, on the very address that is connected to.

A name that is harmless when an endpoint is created may lead inside later (DNS rebinding).
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore

REFUSED = "address not allowed"


class AddressRefused(httpcore.ConnectError):
    """The name leads to an address inside: loopback, private, link-local (cloud metadata among them), or no unicast."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet. An IPv4 address in IPv6's clothes is judged as what it is."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is not None:
            return is_public(str(inner))
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in _GIVEN_OUT:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _OF_PROTOCOLS)


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
"""All that IANA gives out for the open internet; whatever else there is leads inside, or somewhere that is not said."""

_OF_PROTOCOLS = tuple(
    ipaddress.ip_network(network) for network in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20")
)
"""Relays and tunnels, which lead to whatever they are made for, and examples: Python counts some for public ones."""


def plainly_inside(host: str) -> bool:
    """Whether a host can be refused without a look-up: an address inside, or a name that always means inside."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return not is_public(name)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name itself and connects to an address it has checked; TLS still verifies the name."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend, *, allow_private: bool) -> None:
        """Connect by `inner`. `allow_private` lets everything through, as on a developer's machine."""
        self._inner, self._allow_private = inner, allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers; all must be allowed, so that their order is no way in."""
        addresses = await self._resolve(host, port)
        if not self._allow_private:
            inside = [address for address in addresses if not is_public(address)]
            if inside:
                raise AddressRefused(f"{REFUSED}: {host} is {inside[0]}, which is not on the public internet")
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Never: an endpoint is on the network."""
        raise AddressRefused(f"{REFUSED}: {path} is a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def _resolve(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved") from error
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))
