"""`make adyen-live` against the Adyen of our own: what it expects is what we have built, and it asks nobody else."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateways.adyen.live import CHECKS, Live, report
from settings import ROOT
from simulator.adyen.app import create_app
from tests.support.serving import serving


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    app = create_app(tmp_path / "adyen.db", "http://127.0.0.1:1", merchant="M", api_key="the key of the account")
    async with serving(app) as served:
        yield f"{served}/v72"


async def test_every_check_matches_the_adyen_that_we_have_built(url: str) -> None:
    findings = await Live(url, "M", "the key of the account").findings()
    assert [finding.name for finding in findings if not finding.matched] == []
    assert len(findings) == len(CHECKS) == 13


async def test_a_report_shows_what_differs_and_no_secret(url: str) -> None:
    findings = await Live(url, "M", "another key").findings()
    told = json.dumps(report(findings))
    assert json.loads(told)["matched"] == 1, "but for the one that expects to be refused"
    assert all(finding.seen or finding.trouble for finding in findings)
    for secret in ("another key", "4111111111111111"):
        assert secret not in told


async def test_where_nobody_answers_every_check_says_so() -> None:
    findings = await Live("http://127.0.0.1:1/v72", "M", "k").findings()
    assert not any(finding.matched for finding in findings)
    assert all("ClientConnectorError" in finding.trouble for finding in findings)


@pytest.mark.parametrize("live", ["https://x-y-checkout-live.adyenpayments.com/checkout/v72", "https://example.com"])
def test_nothing_is_asked_where_money_moves(live: str) -> None:
    with pytest.raises(ValueError, match="not Adyen's test system"):
        Live(live, "M", "k")


def test_what_is_missing_is_said() -> None:
    command = [sys.executable, "-m", "cli.adyen_live"]
    environment = {"PATH": "/usr/bin:/bin", "ADYEN_MERCHANT": "M"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 2
    assert "ADYEN_API_KEY    is missing" in done.stdout
    assert "ADYEN_MERCHANT   is set" in done.stdout
