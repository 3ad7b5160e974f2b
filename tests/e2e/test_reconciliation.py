"""Reconciliation on real parts: where all is well nothing is found; each kind of difference is named, and no other."""

import json

import httpx
import pytest

from domain.reconciliation.kinds import Kind
from tests.e2e.conftest import Running
from tests.e2e.field import Field
from tests.e2e.planting import PLANTS
from tests.e2e.reconciled import enrich, under_way
from tests.e2e.test_command_line import perdure


@pytest.fixture
def rich(fresh: Running) -> Running:
    """An installation with payments of every family, ended and in the middle of something."""
    fresh.start()
    enrich(fresh)
    under_way(fresh.client())
    return fresh


def test_each_kind_of_difference_is_named_and_nothing_else(rich: Running) -> None:
    clean = perdure(rich, "reconcile")
    assert (clean.returncode, clean.stdout.splitlines()[-1]) == (0, "No difference."), clean.stdout
    field = Field(rich)
    field.pause_sweeps()
    assert field.reconcile_now() == {}
    planted = sorted(plant(field) for plant in PLANTS.values())
    assert {kind for kind, _ in planted} == set(Kind), "each kind is planted"
    found = perdure(rich, "reconcile", "--json")
    assert found.returncode == 1, found.stderr
    named = sorted((Kind(one["kind"]), one["id"]) for one in json.loads(found.stdout)["differences"])
    assert (sorted(set(named) - set(planted)), sorted(set(planted) - set(named))) == ([], []), found.stdout
    assert len(named) == len(planted)
    assert field.reconcile_now() == {kind.value: 1 for kind in Kind}, "every night, too"
    gauges = httpx.get(f"{rich.url}/metrics", timeout=10).text
    for kind in Kind:
        assert f'perdure_reconciliation_differences{{kind="{kind.value}"}} 1.0' in gauges
