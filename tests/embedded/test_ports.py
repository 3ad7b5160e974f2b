"""Free ports are given once: whoever was given one may not listen yet."""

import pytest

from embedded import ports
from embedded.ports import free_port, reserve


@pytest.fixture
def three_ports(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """There are no more."""
    there = [free_port() for _ in range(3)]
    monkeypatch.setattr(ports, "PORTS", there)
    monkeypatch.setattr(ports, "_given", set())
    return there


def test_none_is_given_twice(three_ports: list[int]) -> None:
    assert sorted(free_port() for _ in range(3)) == sorted(three_ports)


def test_one_that_others_have_chosen_is_not_given(three_ports: list[int]) -> None:
    reserve(three_ports[0], three_ports[2])
    assert free_port() == three_ports[1]
