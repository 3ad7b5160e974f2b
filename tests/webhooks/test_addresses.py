"""Deliveries do not reach inside: by address, by name, or by a name that changed its mind."""

from typing import Any

import httpcore
import pytest

from webhooks.addresses import AddressRefused, GuardedBackend, is_public, plainly_inside

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1",
    "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "2002:7f00:0001::", "64:ff9b::7f00:1", "ff02::1", "not an address", "",
    "64:ff9b:1::7f00:1", "64:ff9b:1::808:808", "fec0::1", "::7f00:1", "::808:808", "::ffff:0:7f00:1", "5f00::1",
    "3fff::1", "2001:db8::1", "100::1", "100:0:0:1::1", "4000::1", "2001:0:808:808::f7f7:f7f7", "2001:1::1",
    "192.0.0.9", "192.0.0.10", "192.88.99.1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808",
           "2002:808:808::", "2620:4f:8000::1", "2a00:1450:4001::200e"]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_inside(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_outside(address: str) -> None:
    assert is_public(address)
    assert not plainly_inside(address)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "shop.localhost", "printer.local", "metadata.google.internal", "127.0.0.1", "[::1]"],
)
def test_hosts_that_need_no_look_up(host: str) -> None:
    assert plainly_inside(host)


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "internal.example"])
def test_hosts_that_do(host: str) -> None:
    assert not plainly_inside(host)


class Recorder(httpcore.AsyncNetworkBackend):
    """Connects to nothing, and says what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def connect_tcp(self, host: str, port: int, *more: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        self.asked.append(host)
        raise httpcore.ConnectError("nobody there")


class Names(GuardedBackend):
    """Names mean what the test says, one meaning after the other."""

    answers: list[list[str]]

    async def _resolve(self, host: str, port: int) -> list[str]:
        return self.answers.pop(0)


def guarded(*answers: list[str], allow_private: bool = False) -> tuple[Names, Recorder]:
    recorder = Recorder()
    backend = Names(recorder, allow_private=allow_private)
    backend.answers = list(answers)
    return backend, recorder


async def test_what_is_connected_to_is_what_was_checked() -> None:
    backend, recorder = guarded(["8.8.8.8", "1.1.1.1"])
    with pytest.raises(httpcore.ConnectError, match="nobody there"):
        await backend.connect_tcp("shop.example", 443)
    assert recorder.asked == ["8.8.8.8", "1.1.1.1"], "addresses, so that no second look-up can say otherwise"


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["169.254.169.254", "8.8.8.8"]])
async def test_a_name_that_leads_inside_is_connected_to_by_none_of_its_addresses(addresses: list[str]) -> None:
    backend, recorder = guarded(addresses)
    with pytest.raises(AddressRefused, match="address not allowed"):
        await backend.connect_tcp("shop.example", 443)
    assert recorder.asked == []


async def test_a_name_that_changes_its_mind_is_caught_the_second_time() -> None:
    backend, recorder = guarded(["8.8.8.8"], ["127.0.0.1"])
    with pytest.raises(httpcore.ConnectError):
        await backend.connect_tcp("shop.example", 443)
    with pytest.raises(AddressRefused):
        await backend.connect_tcp("shop.example", 443)
    assert recorder.asked == ["8.8.8.8"]


async def test_settings_can_let_it_inside_but_never_to_a_socket() -> None:
    backend, recorder = guarded(["127.0.0.1"], allow_private=True)
    with pytest.raises(httpcore.ConnectError, match="nobody there"):
        await backend.connect_tcp("localhost", 80)
    assert recorder.asked == ["127.0.0.1"]
    with pytest.raises(AddressRefused):
        await backend.connect_unix_socket("/run/docker.sock")
