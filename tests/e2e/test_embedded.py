"""`make run` as a user lives with it: it survives its parts, its parts do not survive it, and it says what is wrong."""

import contextlib
import re
import signal
import socket
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
import stripe

from embedded.ports import free_port
from embedded.visibility import bulky
from tests.e2e.conftest import SECRET, Running
from tests.support import patient

LOOKS_MAX = 1_000
"""At the request log, for what is written half a second after it was answered."""

USD = {"amount": 1099, "currency": "usd"}
CARD = {"payment_method": "pm_card_visa"}


def test_it_says_where_everything_is(running: Running) -> None:
    said = running.said
    for text in (running.url, str(running.port("TEMPORAL_UI")), running.simulator, SECRET, "pk_test_perdure"):
        assert text in said
    ui = patient.get(f"http://127.0.0.1:{running.port('TEMPORAL_UI')}", follow_redirects=True)
    assert ui.is_success
    assert "<!doctype html>" in ui.text


def test_it_listens_on_loopback_only(running: Running) -> None:
    assert running.process is not None
    listening: list[str] = []
    for process in psutil.Process(running.process.pid).children(recursive=True):
        # A backend of PostgreSQL's may end by itself meanwhile.
        with contextlib.suppress(psutil.NoSuchProcess):
            connections = process.net_connections("inet")
            listening += [each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN]
    assert set(listening) <= {"127.0.0.1", "::1"}
    assert len(listening) >= 4


def test_temporal_indexes_only_what_payments_have(fresh: Running) -> None:
    database = fresh.directory / "data" / "temporal.db"
    fresh.start()
    assert not bulky(database)
    assert "Temporal's indexes" not in fresh.said, "there was nothing to wait for"
    with closing(sqlite3.connect(database)) as connection:
        (name, sql), *_ = connection.execute("SELECT name, sql FROM sqlite_master WHERE name = 'by_history_length'")
        connection.execute(f"DROP INDEX {name}")
        connection.execute(sql.partition(" WHERE ")[0])
    fresh.stop()
    fresh.start()
    assert not bulky(database), "as of an older release, and slimmed before Temporal started"
    assert "Temporal's indexes are made to fit, once" in fresh.said


def test_it_is_ready_when_it_says_so_with_a_port_for_operators_too(fresh: Running) -> None:
    fresh.start(PERDURE_INTERNAL_PORT=str(port := free_port()))
    sdk = fresh.client(max_network_retries=0)
    assert sdk.v1.payment_intents.create({**USD, **CARD, "confirm": True}).status == "succeeded"
    assert patient.get(f"http://127.0.0.1:{port}/health").is_success
    assert patient.get(f"{fresh.url}/health").status_code == 404


def test_a_dead_part_is_started_again_with_a_clear_line(running: Running) -> None:
    sdk = running.client(max_network_retries=5)
    for name, said in (("api", "API"), ("worker", "Worker"), ("simulator", "Simulator")):
        running.children()[name].kill()
        running.wait_for(lambda said=said: f"{said} died (signal SIGKILL); starting it again" in running.said)
        running.wait_for(lambda said=said: f"{said} is back" in running.said)
    paid = sdk.v1.payment_intents.create({**USD, **CARD, "confirm": True})
    assert paid.status == "succeeded"


def test_the_servers_die_and_payments_go_on(fresh: Running) -> None:
    fresh.start()
    sdk = fresh.client()
    held = sdk.v1.payment_intents.create({**USD, **CARD, "confirm": True, "capture_method": "manual"})
    for name, said in (("temporal", "Temporal"), ("postgres", "PostgreSQL")):
        fresh.children()[name].kill()
        fresh.wait_for(lambda said=said: f"{said} is back" in fresh.said)
        fresh.wait_for(fresh.ready)
    captured = sdk.v1.payment_intents.capture(held.id)
    assert captured.status == "succeeded"


def test_a_worker_killed_in_mid_confirm_ends_in_exactly_one_authorization(fresh: Running) -> None:
    fresh.start()
    intent = fresh.client().v1.payment_intents.create(USD)
    fresh.faults(latency_ms=700, operations=["authorize"])
    answers: list[Any] = []

    def confirm() -> None:
        sdk = fresh.client(max_network_retries=3)
        answers.append(sdk.v1.payment_intents.confirm(intent.id, {**CARD}, {"idempotency_key": "confirm-once"}))

    caller = threading.Thread(target=confirm)
    worker = fresh.children()["worker"]
    caller.start()
    # In mid-confirm: the simulator has the request, and has not answered.
    fresh.wait_for(lambda: _connected(worker, fresh.port("SIMULATOR")))
    worker.kill()
    caller.join(180)
    assert [answer.status for answer in answers] == ["succeeded"]
    charges = fresh.client().v1.charges.list({"payment_intent": intent.id}).data
    assert [charge.status for charge in charges] == ["succeeded"]
    assert [entry["operation"] for entry in fresh.entries()] == ["authorize", "capture"]


def _connected(process: psutil.Process, port: int) -> bool:
    with contextlib.suppress(psutil.Error):
        return any(c.raddr and c.raddr.port == port for c in process.net_connections("inet"))
    return False


def test_everything_killed_at_once_carries_on(fresh: Running) -> None:
    fresh.start()
    sdk = fresh.client()
    opened = sdk.v1.payment_intents.create({**USD, "metadata": {"n": "1"}})
    held = sdk.v1.payment_intents.create({**USD, **CARD, "confirm": True, "capture_method": "manual"})
    paid = sdk.v1.payment_intents.create({**USD, **CARD, "confirm": True}, {"idempotency_key": "paid"})
    acknowledged = {intent.id: intent.status for intent in (opened, held, paid)}
    fresh.kill_all()
    fresh.start()
    assert {id_: sdk.v1.payment_intents.retrieve(id_).status for id_ in acknowledged} == acknowledged
    assert {intent.id for intent in sdk.v1.payment_intents.list().data} == set(acknowledged)
    assert sdk.v1.payment_intents.confirm(opened.id, {**CARD}).status == "succeeded"
    assert sdk.v1.payment_intents.capture(held.id).status == "succeeded"
    again = sdk.v1.payment_intents.create({**USD, **CARD, "confirm": True}, {"idempotency_key": "paid"})
    assert again.id == paid.id
    operations = sorted(entry["operation"] for entry in fresh.entries())
    assert operations == ["authorize"] * 3 + ["capture"] * 3


def test_everything_killed_in_mid_confirm_and_the_repeated_request_charges_once(fresh: Running) -> None:
    fresh.start()
    intent = fresh.client().v1.payment_intents.create(USD)
    fresh.faults(latency_ms=400, operations=["authorize"])
    key = {"idempotency_key": "once"}

    def confirm() -> None:
        with contextlib.suppress(stripe.StripeError):
            fresh.client(max_network_retries=0).v1.payment_intents.confirm(intent.id, {**CARD}, key)

    caller = threading.Thread(target=confirm)
    worker = fresh.children()["worker"]
    caller.start()
    fresh.wait_for(lambda: _connected(worker, fresh.port("SIMULATOR")))
    fresh.kill_all()
    caller.join(180)
    fresh.start()
    answers: list[Any] = []

    def repeated() -> bool:
        # The dead request's key stays locked for a few seconds; until then Stripe's 409 is the right answer.
        with contextlib.suppress(stripe.APIError, stripe.RateLimitError):
            answers.append(fresh.client().v1.payment_intents.confirm(intent.id, {**CARD}, key))
        return bool(answers)

    fresh.wait_for(repeated)
    assert answers[0].status == "succeeded"
    assert [entry["operation"] for entry in fresh.entries()] == ["authorize", "capture"]
    history = fresh.client().v1.charges.list({"payment_intent": intent.id}).data
    assert [charge.status for charge in history] == ["succeeded"]


def test_when_the_parent_is_killed_everything_goes(fresh: Running) -> None:
    fresh.start()
    assert fresh.process is not None
    family = psutil.Process(fresh.process.pid).children(recursive=True)
    assert len(family) >= 5
    fresh.process.send_signal(signal.SIGKILL)
    fresh.process.wait(60)
    _, alive = psutil.wait_procs(family, timeout=90)
    assert alive == []


def test_sigterm_stops_everything_and_keeps_the_data(fresh: Running) -> None:
    fresh.start()
    assert fresh.process is not None
    family = psutil.Process(fresh.process.pid).children(recursive=True)
    intent = fresh.client().v1.payment_intents.create(USD)
    assert fresh.stop() == 0
    assert [process for process in family if process.is_running()] == []
    fresh.start()
    assert fresh.client().v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def _last_line(run: Running) -> str:
    assert run.process is not None
    assert run.process.wait(120) == 1
    return run.said.strip().splitlines()[-1]


def test_a_taken_port_is_one_clear_line(fresh: Running) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", fresh.port("SIMULATOR")))
        taken.listen()
        fresh.start(wait=False)
        line = _last_line(fresh)
    assert f"Port {fresh.port('SIMULATOR')}" in line
    assert "PERDURE_SIMULATOR_PORT=" in line


def test_an_unwritable_directory_is_one_clear_line(fresh: Running, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    fresh.start(wait=False, PERDURE_DATA_DIR=str(tmp_path / "file" / "data"))
    line = _last_line(fresh)
    assert "cannot be written" in line
    assert "PERDURE_DATA_DIR=" in line


def test_a_missing_binary_is_one_clear_line(fresh: Running) -> None:
    fresh.start(wait=False, PERDURE_TEMPORAL_BIN="/nowhere/temporal")
    assert "PERDURE_TEMPORAL_BIN=/nowhere/temporal is not a file" in _last_line(fresh)


@pytest.mark.parametrize(("name", "value"), [("PERDURE_API_PORT", "http"), ("PERDURE_SECRET_KEY", "sk_live_x")])
def test_a_bad_setting_is_one_clear_line(fresh: Running, name: str, value: str) -> None:
    fresh.start(wait=False, **{name: value})
    assert name in _last_line(fresh)


def test_a_second_run_in_the_same_directory_is_one_clear_line(running: Running, fresh: Running) -> None:
    fresh.start(wait=False, PERDURE_DATA_DIR=running.environment["PERDURE_DATA_DIR"])
    assert "Another `make run`" in _last_line(fresh)


def _logged(fresh: Running, newest: str) -> str:
    """Every request of the log with its bodies, as soon as it has this one: they are packed, so no file shows them."""
    url, auth = f"{fresh.url}/dashboard/v1/request_logs", (SECRET, "")
    for _ in range(LOOKS_MAX):
        ids = [row["id"] for row in patient.get(url, params={"limit": 100}, auth=auth).json()["data"]]
        if newest in ids:
            return "".join(patient.get(f"{url}/{id_}", auth=auth).text for id_ in ids)
    pytest.fail(f"{newest} is not in the request log")


def test_no_card_number_or_cvc_anywhere_but_on_the_wire(fresh: Running) -> None:
    """Plant canaries, use them in every way, some of them wrong; then search every byte that was kept or said."""
    fresh.start()
    number, cvc = "4000056655665556", "8142"
    sdk = fresh.client()
    card = {"number": number, "exp_month": 12, "exp_year": 2031, "cvc": cvc}
    data = {"type": "card", "card": card}
    method = sdk.v1.payment_methods.create(data)
    sdk.v1.payment_intents.create({**USD, "payment_method": method.id, "confirm": True})
    intent = sdk.v1.payment_intents.create(USD)
    url, auth = f"{fresh.url}/v1/payment_intents/{intent.id}", (SECRET, "")
    form = {f"payment_method_data[card][{name}]": str(value) for name, value in card.items()}
    typed = {"payment_method_data[type]": "card", **form}
    for body in (typed, {**typed, "colour": "red"}, {**typed, "payment_method_data[card][exp_month]": "x"},
                 {**typed, "payment_method_data[card][number]": number + "9"}):  # fmt: skip
        answer = patient.post(f"{url}/confirm", data=body, auth=auth, headers={"Idempotency-Key": f"k{len(str(body))}"})
        assert number not in answer.text
        assert cvc not in answer.text
    assert sdk.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    fresh.faults(outage=True, operations=["tokenize"])
    away = patient.post(f"{fresh.url}/v1/payment_methods", data=typed, auth=auth)
    assert away.status_code in (400, 503)
    logged = _logged(fresh, away.headers["Request-Id"])
    assert number[:6] not in logged
    assert f'"{cvc}"' not in logged
    assert fresh.stop() == 0
    kept = [path for path in fresh.directory.rglob("*") if path.is_file() and not path.is_symlink()]
    assert any(path.suffix == ".db" for path in kept)
    spilled = [str(path) for path in kept if number.encode() in path.read_bytes()]
    assert spilled == []
    said = fresh.said + "".join(p.read_text(errors="replace") for p in kept if p.suffix == ".log")
    assert f'"{cvc}"' not in said
    assert not re.search(rf"(?<!\d){cvc}(?!\d)", re.sub(r"\[\d+\]|PID \d+", "", said))
