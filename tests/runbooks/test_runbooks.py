"""docs/RUNBOOKS.md, typed as it stands there, at an API and a worker with all that they need.

One installation for all, in the order of the page; what a runbook is for is brought about first.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from settings import ROOT, TEST_ACCOUNT
from tests.runbooks.reading import Runbook, runbooks
from tests.support.fleet import APIS, SECRET, WORKERS, Fleet, fleet
from tests.support.servers import temporal_cli

START_SECONDS_MAX, TYPED_SECONDS_MAX = 300, 400
"""A machine that is busy with other things takes its time."""

PROCESSES = (WORKERS[0], APIS[0])
HOLD = {"amount": 2_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True,
        "allowed_payment_method_types": ["card"], "capture_method": "manual"}  # fmt: skip

Situation = Callable[[Fleet], dict[str, str]]
"""Brings about what a runbook is for; answers with what the operator knows of it."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    directory = tmp_path_factory.mktemp("installation")
    directory.chmod(0o755)
    with fleet(directory) as made:
        made.start_servers()
        for name in PROCESSES:
            made.begin(name)
        made.wait_for(lambda: all(made.ready(name) for name in PROCESSES), START_SECONDS_MAX)
        yield made


def held(stack: Fleet) -> dict[str, str]:
    """A payment whose money is held."""
    client: Any = stack.client(SECRET)
    return {"PAYMENT": client.v1.payment_intents.create(HOLD).id}


def terminated(stack: Fleet) -> dict[str, str]:
    known = held(stack)
    address = stack.environment["TEMPORAL_ADDRESS"]
    assert temporal_cli(address, "workflow", "terminate", "-w", known["PAYMENT"]).returncode == 0
    return known


SITUATIONS: dict[str, Situation] = {
    "Is all well?": held,
    "An API key is to be changed": held,
    "A payment waits, and you do not know for what": held,
    "A workflow was terminated": terminated,
    "A gateway is to rest": held,
    "Housekeeping is to pause": held,
}


def typed(stack: Fleet, book: Runbook, known: dict[str, str]) -> tuple[int, str]:
    """In a shell that ends at the first command that fails: its exit status, and what it said."""
    done = subprocess.run(
        ["bash", "-eu", "-c", f"{book.typed}\n"], cwd=ROOT, env={**stack.environment, "ACCOUNT": TEST_ACCOUNT, **known},
        capture_output=True, text=True, timeout=TYPED_SECONDS_MAX, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_every_runbook_has_its_situation() -> None:
    assert [each.name for each in runbooks()] == list(SITUATIONS)


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("book", runbooks(), ids=lambda book: book.name)
def test_what_is_typed_does_what_the_page_says(stack: Fleet, book: Runbook) -> None:
    known = SITUATIONS[book.name](stack)
    began = time.monotonic()
    status, said = typed(stack, book, known)
    print(f"{book.name}: {time.monotonic() - began:.0f} s\n{said}")  # noqa: T201
    assert status == 0, said
    assert book.missing(said) == "", said
