"""Reconciliation on real parts: where all is well nothing is found; each kind of difference is named, and no other."""

import json
from collections import Counter

import pytest

from domain.reconciliation.kinds import Kind
from tests.e2e.conftest import Running
from tests.e2e.field import RECONCILED_SECONDS_MAX, Field
from tests.e2e.planting import PLANTS
from tests.e2e.planting_setups import SETUP_PLANTS
from tests.e2e.reconciled import enrich, under_way
from tests.e2e.reconciled_setups import enrich_setups, setups_under_way
from tests.e2e.test_command_line import perdure
from tests.support import patient

SECONDS_MAX = 1_800
"""Payments and setups of every family are made, differences of every kind planted, and all is compared five times."""

pytestmark = pytest.mark.timeout(SECONDS_MAX)


@pytest.fixture
def rich(fresh: Running) -> Running:
    """An installation with payments and setups of every family, ended and in the middle of something."""
    fresh.start()
    enrich(fresh)
    enrich_setups(fresh)
    under_way(fresh.client())
    setups_under_way(fresh.client())
    return fresh


def test_each_kind_of_difference_is_named_and_nothing_else(rich: Running) -> None:
    clean = perdure(rich, "reconcile")
    assert (clean.returncode, clean.stdout.splitlines()[-1]) == (0, "No difference."), clean.stdout
    field = Field(rich)
    field.pause_sweeps()
    assert field.reconcile_now() == {}
    planted = sorted(plant(field) for plant in (*PLANTS, *SETUP_PLANTS))
    assert {kind for kind, _ in planted} == set(Kind), "each kind is planted"
    found = perdure(rich, "reconcile", "--json", seconds=RECONCILED_SECONDS_MAX)
    assert found.returncode == 1, found.stderr
    named = sorted((Kind(one["kind"]), one["id"]) for one in json.loads(found.stdout)["differences"])
    assert (sorted(set(named) - set(planted)), sorted(set(planted) - set(named))) == ([], []), found.stdout
    assert len(named) == len(planted)
    counted = Counter(kind for kind, _ in planted)
    assert field.reconcile_now() == {kind.value: counted[kind] for kind in Kind}, "every night, too"
    gauges = patient.get(f"{rich.url}/metrics").text
    for kind in Kind:
        assert f'perdure_reconciliation_differences{{kind="{kind.value}"}} {counted[kind]}.0' in gauges
