"""Webhooks as a merchant gets them: every event of every flow, verified by the official SDK, in Stripe's order."""

import json
import os
import random  # noqa: TID251
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from settings import ROOT
from tests.e2e.conftest import SECRET, Running
from tests.support import patient
from tests.support.receivers import Receiver, concerns, receiving, wait_until

Flow = Any
CREATED, SUCCEEDED = "payment_intent.created", "payment_intent.succeeded"
HELD = [CREATED, "charge.succeeded", "payment_intent.amount_capturable_updated"]


@pytest.fixture(scope="module")
def hooked(running: Running) -> Iterator[Receiver]:
    """A receiver that is told everything."""
    client = running.client()
    with receiving(Receiver()) as receiver:
        endpoint = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        receiver.secrets.append(endpoint.secret)
        yield receiver
        client.v1.webhook_endpoints.delete(endpoint.id)


def create(client: Any, **more: Any) -> Any:
    return client.v1.payment_intents.create({"amount": 1099, "currency": "usd", **more})


def paid(client: Any, card: str = "pm_card_visa", **more: Any) -> Any:
    return create(client, payment_method=card, confirm=True, **more)


def held(client: Any, **more: Any) -> Any:
    return paid(client, capture_method="manual", **more)


def declined(client: Any) -> str:
    with pytest.raises(stripe.CardError) as caught:
        paid(client, "pm_card_visa_chargeDeclined")
    body: Any = caught.value.json_body
    return str(body["error"]["payment_intent"]["id"])


def captured(client: Any) -> str:
    intent = held(client)
    client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 500})
    return str(intent.id)


def captured_twice(client: Any) -> str:
    intent = held(client, payment_method_options={"card": {"request_multicapture": "if_available"}})
    client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 500, "final_capture": False})
    client.v1.payment_intents.capture(intent.id)
    return str(intent.id)


def incremented(client: Any) -> str:
    intent = held(client, payment_method_options={"card": {"request_incremental_authorization": "if_available"}})
    client.v1.payment_intents.increment_authorization(intent.id, {"amount": 2000})
    return str(intent.id)


def canceled(client: Any, **more: Any) -> str:
    intent = create(client, **more)
    client.v1.payment_intents.cancel(intent.id)
    return str(intent.id)


def expired(client: Any) -> str:
    intent = held(client)
    client.raw_request("post", f"/v1/test_helpers/payment_intents/{intent.id}/fast_forward", seconds=8 * 86_400)
    return str(intent.id)


def refunded(client: Any) -> str:
    intent = paid(client)
    client.v1.refunds.create({"payment_intent": intent.id})
    return str(intent.id)


def refund_came_back(client: Any) -> str:
    intent = paid(client, "pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    wait_until(lambda: client.v1.refunds.retrieve(refund.id).status == "failed", "the refund to fail")
    return str(intent.id)


def authenticated(client: Any, *, succeeds: bool) -> str:
    intent = paid(client, "pm_card_threeDSecure2Required", return_url="https://shop.example")
    url = intent.next_action.redirect_to_url.url
    patient.post(url, json={"authenticated": succeeds}).raise_for_status()
    done = "succeeded" if succeeds else "requires_payment_method"
    wait_until(lambda: client.v1.payment_intents.retrieve(intent.id).status == done, done)
    return str(intent.id)


def saved(client: Any) -> str:
    customer = client.v1.customers.create({"email": "a@example.com"})
    return str(paid(client, customer=customer.id, setup_future_usage="off_session").id)


FLOWS: dict[str, tuple[Flow, list[str]]] = {
    "create": (lambda client: create(client).id, [CREATED]),
    "create and confirm": (lambda client: paid(client).id, [CREATED, "charge.succeeded", SUCCEEDED]),
    "manual capture": (lambda client: held(client).id, HELD),
    "partial capture": (captured, [*HELD, "charge.captured", SUCCEEDED]),
    "multicapture": (
        captured_twice,
        [*HELD, "charge.updated", "payment_intent.amount_capturable_updated", "charge.captured", SUCCEEDED],
    ),
    "increment": (incremented, [*HELD, "payment_intent.amount_capturable_updated", "charge.updated"]),
    "decline": (declined, [CREATED, "charge.failed", "payment_intent.payment_failed"]),
    "3-D Secure": (
        lambda client: authenticated(client, succeeds=True),
        [CREATED, "payment_intent.requires_action", "charge.succeeded", SUCCEEDED],
    ),
    "3-D Secure fails": (
        lambda client: authenticated(client, succeeds=False),
        [CREATED, "payment_intent.requires_action", "payment_intent.payment_failed"],
    ),
    "cancel": (canceled, [CREATED, "payment_intent.canceled"]),
    "cancel a hold": (
        lambda client: canceled(client, payment_method="pm_card_visa", confirm=True, capture_method="manual"),
        [*HELD, "payment_intent.canceled"],
    ),
    "expiry": (expired, [*HELD, "charge.expired", "payment_intent.canceled"]),
    "refund": (refunded, [CREATED, "charge.succeeded", SUCCEEDED, "refund.created", "charge.refunded"]),
    "refund comes back": (
        refund_came_back,
        [CREATED, "charge.succeeded", SUCCEEDED, "refund.created", "charge.refunded", "charge.refund.updated",
         "refund.updated", "refund.failed"],
    ),
    "save the method": (saved, [CREATED, "charge.succeeded", SUCCEEDED]),
}  # fmt: skip
"""What is done, and which events tell of the PaymentIntent, its charge and its refunds, in Stripe's order."""


def written(client: Any, intent: str) -> list[Any]:
    """The events of one PaymentIntent, oldest first."""
    recent = [event.to_dict() for event in client.v1.events.list({"limit": 100}).data]
    return [event for event in recent if concerns(event, intent)][::-1]


@pytest.mark.parametrize("flow", FLOWS)
def test_events_of_a_flow_are_in_stripes_order_and_all_arrive(running: Running, hooked: Receiver, flow: str) -> None:
    client = running.client()
    perform, types = FLOWS[flow]
    intent = perform(client)
    events = written(client, intent)
    assert [event["type"] for event in events] == types
    ids = {event["id"] for event in events}
    wait_until(lambda: ids <= hooked.ids, f"{types} to arrive")
    assert hooked.refused == []
    arrived = {event["id"]: event for event in hooked.events}
    for event in events:
        # What was sent counts its own delivery; later nobody is pending any more.
        assert {**arrived[event["id"]], "pending_webhooks": 0} == {**event, "pending_webhooks": 0}
        assert len(hooked.bodies[event["id"]]) == 1


def test_a_receiver_that_was_down_gets_everything_once_it_is_sent_again(running: Running) -> None:
    client = running.client()
    receiver = Receiver(status=500)
    with receiving(receiver):
        endpoint = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": [CREATED]})
        receiver.secrets.append(endpoint.secret)
        intent = create(client)
        wait_until(lambda: receiver.requests == 1, "the first try")
        event = written(client, intent.id)[0]
        receiver.status = 200
        client.raw_request("post", f"/v1/events/{event['id']}/resend", webhook_endpoint=endpoint.id)
        wait_until(lambda: receiver.ids == {event["id"]}, "the second try")
        path = f"{running.url}/v1/webhook_endpoints/{endpoint.id}/deliveries"

        def tries() -> list[Any]:
            rows = patient.get(path, auth=(SECRET, "")).json()["data"]
            return [rows[0]["status"], *(attempt["response_status"] for attempt in rows[0]["attempts"])]

        wait_until(lambda: tries() == ["delivered", 500, 200], "both tries to be written down")
    client.v1.webhook_endpoints.delete(endpoint.id)
    assert len(receiver.bodies[event["id"]]) == 1, "the same bytes"


def test_one_endpoint_that_hangs_holds_up_no_other(running: Running, hooked: Receiver) -> None:
    client = running.client()
    hanging = Receiver(hang=threading.Event())
    with receiving(hanging):
        endpoint = client.v1.webhook_endpoints.create({"url": hanging.url, "enabled_events": ["*"]})
        intents = [paid(client).id for _ in range(10)]
        wait_until(lambda: all(len(hooked.types(id_)) == 3 for id_ in intents), "the other endpoint's events")
        wait_until(lambda: hanging.requests > 0, "the first that hangs")
        assert 1 <= hanging.at_once <= 8
        client.v1.webhook_endpoints.delete(endpoint.id)


LISTEN = [str(ROOT / "perdure"), "listen"]


def test_listening_loses_nothing_when_either_side_restarts(fresh: Running, tmp_path: Path) -> None:
    fresh.start()
    client, receiver = fresh.client(max_network_retries=5), Receiver()
    environment = {**fresh.environment, "PATH": os.environ["PATH"]}  # noqa: TID251
    told = subprocess.run([*LISTEN, "--print-secret"], env=environment, capture_output=True, text=True, check=True)
    receiver.secrets.append(told.stdout.strip())
    missed = create(client).id
    with receiving(receiver):
        command = [*LISTEN, "--forward-to", f"{receiver.port}/hook"]

        def listen() -> subprocess.Popen[str]:
            output = (tmp_path / "listen").open("a")
            with output:
                return subprocess.Popen(command, env=environment, stdout=output, stderr=output, text=True)

        listener = listen()
        try:
            wait_until(lambda: receiver.types(missed) == [CREATED], "what happened before it listened")
            listener.kill()
            listener.wait()
            second = paid(client).id
            listener = listen()
            wait_until(lambda: len(receiver.types(second)) == 3, "what happened while it was away")
            fresh.kill_all()
            fresh.start()
            third = paid(client).id
            wait_until(lambda: len(receiver.types(third)) == 3, "what happened after the engine was back")
        finally:
            listener.kill()
            listener.wait()
        assert receiver.types(second) == [CREATED, "charge.succeeded", SUCCEEDED], "one after the other, in order"
    assert receiver.refused == []
    assert "payment_intent.created [evt_" in (tmp_path / "listen").read_text()


def test_a_listener_with_a_wrong_key_says_so_and_ends(running: Running) -> None:
    command = [*LISTEN, "--api-key", "sk_test_nobody"]
    environment = {**running.environment, "PATH": os.environ["PATH"]}  # noqa: TID251
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 1
    assert "Invalid API Key" in done.stderr


PAYMENTS = int(os.environ.get("PERDURE_FIRE_PAYMENTS", "40"))  # noqa: TID251
KILLS = int(os.environ.get("PERDURE_FIRE_KILLS", "4"))  # noqa: TID251


@pytest.mark.timeout(1_800)
def test_nothing_is_lost_under_fire(fresh: Running) -> None:
    """Worker, API and Temporal are killed while payments are made; every event of each arrives, verified."""
    fresh.start()
    client = fresh.client(max_network_retries=20)
    dice = random.Random(20261124)
    with receiving(Receiver()) as receiver:
        endpoint = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        receiver.secrets.append(endpoint.secret)

        def pay(number: int) -> str:
            return str(paid(client, metadata={"number": str(number)}).id)

        with ThreadPoolExecutor(8) as pool:
            paying = [pool.submit(pay, number) for number in range(PAYMENTS)]
            for kill in range(KILLS):
                share = (kill + 1) * PAYMENTS // (KILLS + 1)
                wait_until(lambda share=share: sum(p.done() for p in paying) >= share, "payments", 300)
                victim = dice.choice(["worker", "api", "temporal"])
                fresh.children()[victim].kill()
                wait_until(lambda victim=victim: victim in fresh.children(), f"{victim} to be back")
            intents = {future.result(300) for future in paying}
        assert len(intents) == PAYMENTS
        wait_until(lambda: owed(fresh) == [], "every delivery", 600)
        for id_ in intents:
            assert sorted(set(receiver.types(id_))) == ["charge.succeeded", CREATED, SUCCEEDED]
        assert {event["id"] for event in everything(fresh)} == receiver.ids, "none missing, none invented"
        assert all(len(bodies) == 1 for bodies in receiver.bodies.values()), "a duplicate is the same bytes"
    assert receiver.refused == []


def owed(run: Running) -> list[Any]:
    """Events that are still to be delivered."""
    return _page(run, {"delivery_success": "false", "limit": 100})["data"]  # type: ignore[no-any-return]


def everything(run: Running) -> Iterator[Any]:
    """All events."""
    query: dict[str, Any] = {"limit": 100}
    while True:
        page = _page(run, query)
        yield from page["data"]
        if not page["has_more"]:
            return
        query["starting_after"] = page["data"][-1]["id"]


def _page(run: Running, query: dict[str, Any]) -> Any:
    try:
        return json.loads(httpx.get(f"{run.url}/v1/events", params=query, auth=(SECRET, ""), timeout=90).text)
    except httpx.HTTPError:
        return {"data": ["the API is away"], "has_more": False}
