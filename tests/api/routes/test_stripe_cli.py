"""Stripe's CLI: sessions, who may dial with them, what they are told and say, and when they end."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import stripe
from sqlalchemy import select, update
from structlog.testing import capture_logs

from api.routes.stripe_cli.events import REMEMBERED_MAX, SILENT_SECONDS, UNDER_WAY_MAX, Events
from api.routes.stripe_cli.socket import GOING_AWAY, OVER, PATH, PROTOCOL
from api.routes.stripe_cli.telling import Over
from api.usecases.pacing import AT_ONCE, LOOK_SECONDS, LOOKS_A_SECOND_MAX, Pace
from contracts.api_versions import LATEST
from records import cli_sessions, cli_sweep
from records.accounts import ensure_account, ensure_key, expire_key, list_keys, set_version
from records.cli_sessions import DIAL_SECONDS, LEASE_SECONDS, LIFE_SECONDS, SESSIONS_MAX
from records.cli_sweep import KEPT_SECONDS
from records.tables import deliveries, delivery_attempts, events, webhook_endpoints
from tests.api.conftest import Api, connected, error_of
from tests.api.stripe_cli import LISTEN, SESSIONS, TAIL, Process, begun
from tests.support.sockets import Caller


async def told_of(caller: Caller) -> tuple[dict[str, Any], dict[str, Any]]:
    """The next event: in the account's version, and in the latest."""
    usual, latest = await caller.told(), await caller.told()
    assert (usual["endpoint"], latest["endpoint"]) == ({"api_version": None}, {"api_version": LATEST})
    assert usual["webhook_conversation_id"] == latest["webhook_conversation_id"]
    return usual, latest


def ack(message: dict[str, Any]) -> dict[str, Any]:
    names = ("webhook_id", "webhook_conversation_id")
    event = json.loads(message["event_payload"])["id"]
    return {"type": "event_ack", "event_id": event, **{name: message[name] for name in names}}


def response(message: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = {**ack(message), "type": "webhook_response", "status": 200, "body": "thanks", "forward_url": "http://a"}
    return {**said, "notification_id": said["event_id"], **more}


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(60):
        while not (found := await condition()):
            await asyncio.sleep(0.02)
        return found


async def states(api: Api, listener: str) -> list[str]:
    query = select(deliveries.c.state).where(deliveries.c.endpoint == listener).order_by(deliveries.c.seq)
    return [row.state for row in await api.database.execute(query)]


async def test_a_session_is_what_the_cli_needs(api: Api) -> None:
    await set_version(api.database, api.scope.account, "2024-06-20")
    first, again = await begun(api), await begun(api)
    other = await begun(api, LISTEN.replace("laptop", "desk"))
    assert first["websocket_url"] == f"ws://api{PATH}"
    assert (first["default_version"], first["latest_version"]) == ("2024-06-20", LATEST)
    assert (first["websocket_authorized_feature"], first["display_connect_filter_warning"]) == ("webhooks", False)
    assert first["reconnect_delay"] > 0
    assert first["secret"] == again["secret"] != other["secret"]
    assert first["device_token"] == again["device_token"] != other["device_token"]
    assert len({each["websocket_id"] for each in (first, again, other)}) == 3
    assert len(first["websocket_id"]) == 40


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("websocket_features[]=webhooks", "Missing required param: device_name."),
        ("device_name=a", "Missing required param: websocket_features."),
        ("device_name=a&websocket_features[]=v2_events", "Thin events are not sent here"),
        ("device_name=a&websocket_features[]=dashboards", "must be one of webhooks, request_logs, or v2_events"),
        (f"device_name={'a' * 256}&websocket_features[]=webhooks", "must be at most 255 characters"),
        (TAIL, "Requests are not logged here"),
        (f"{TAIL}&filters=[]", "not a JSON object"),
        (f'{TAIL}&filters={{"filter_ip_address":["1.1.1.1"]}}', "is not in the request log"),
        (f"{TAIL}&filters={'[' * 4_000}", "not a JSON object"),
        (f'{TAIL}&filters={{"filter_request_path":["\\u0000"]}}', "characters that are none"),
        (f'{TAIL}&filters={{"filter_request_path":["\\ud800"]}}', "characters that are none"),
        ("device_name=%00&websocket_features[]=webhooks", "Invalid"),
        (f'{TAIL}&filters={{"filter_moon":["full"]}}', "unknown filter filter_moon"),
        (f'{TAIL}&filters={{"filter_http_method":"GET"}}', "to be a list"),
        (f'{TAIL}&filters={{"filter_status_code":["teapot"]}}', "is not a status code"),
        (f'{TAIL}&filters={{"filter_status_code_type":["300"]}}', "say one of 200, 400, 500"),
    ],
)
async def test_one_that_makes_no_sense_is_not_begun(api: Api, form: str, message: str) -> None:
    refused = await api.post(SESSIONS, form)
    assert refused.status_code == 400
    assert message in error_of(refused)["message"]
    assert await api.database.execute(select(webhook_endpoints).where(api.scope.owns(webhook_endpoints))) == []


async def test_so_many_are_open_at_once_and_those_that_have_ended_do_not_count(api: Api) -> None:
    for _ in range(SESSIONS_MAX):
        await begun(api)
    refused = await api.post(SESSIONS, LISTEN)
    assert (refused.status_code, error_of(refused)["code"]) == (429, "rate_limit")
    api.clock.now += DIAL_SECONDS
    await begun(api)


async def test_an_event_is_told_signed_in_both_versions_until_it_is_acknowledged(
    api: Api, process: Callable[[], Process]
) -> None:
    await set_version(api.database, api.scope.account, "2024-06-20")
    session = await begun(api)
    intent = await api.create()
    caller = await process().dialled(session)
    usual, latest = await told_of(caller)
    for message, version in ((usual, "2024-06-20"), (latest, LATEST)):
        headers = message["http_headers"]
        event = stripe.Webhook.construct_event(
            message["event_payload"], headers["Stripe-Signature"], session["secret"], tolerance=10**9
        )
        assert (event.type, event.data.object["id"]) == ("payment_intent.created", intent["id"])
        assert event.api_version == version
        assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert await states(api, usual["webhook_id"]) == ["pending"]
    caller.say(ack(usual))
    caller.say(ack(latest))

    async def delivered() -> bool:
        return await states(api, usual["webhook_id"]) == ["delivered"]

    await until(delivered)
    second = await api.create()
    assert json.loads((await told_of(caller))[0]["event_payload"])["data"]["object"]["id"] == second["id"]


async def test_what_was_not_acknowledged_is_told_again_and_at_another_process(
    api: Api, process: Callable[[], Process]
) -> None:
    session = await begun(api)
    first = process()
    caller = await first.dialled(session)
    intent = await api.create()
    await told_of(caller)
    await caller.hang_up()
    again = await process().dialled(session)
    usual, _ = await told_of(again)
    assert json.loads(usual["event_payload"])["data"]["object"]["id"] == intent["id"]


async def test_of_two_who_show_the_same_id_the_later_one_is_told(api: Api, process: Callable[[], Process]) -> None:
    session = await begun(api)
    first = await process().dialled(session)
    second = await process().dialled(session)
    assert await first.next() == {"type": "websocket.close", "code": OVER, "reason": ""}
    await api.create()
    await told_of(second)
    assert first.sent.empty()


async def test_each_session_is_told_everything_and_one_that_reads_nothing_holds_up_nobody(
    api: Api, process: Callable[[], Process]
) -> None:
    on = process()
    deaf = [await on.dialled(await begun(api), reads=False) for _ in range(2 * AT_ONCE)]
    one, another = await on.dialled(await begun(api)), await on.dialled(await begun(api))
    await api.create()
    await told_of(one)
    await told_of(another)
    await api.create()
    assert all(caller.sent.empty() for caller in deaf)


async def test_who_is_silent_is_sent_so_much_and_no_more(api: Api, process: Callable[[], Process]) -> None:
    session = await begun(api)
    for _ in range(UNDER_WAY_MAX + 5):
        await api.post("/v1/customers")
    caller = await process().dialled(session)
    told = [(await told_of(caller))[0] for _ in range(UNDER_WAY_MAX)]
    caller.say(ack(told[0]))
    await told_of(caller)
    assert caller.sent.empty()


async def listening(api: Api) -> tuple[Events, list[str]]:
    """A connection without a socket, and what it has sent."""
    sent: list[str] = []

    async def send(text: str) -> None:
        sent.append(text)

    session = await cli_sessions.take(api.database, (await begun(api))["websocket_id"], "h", api.clock.now)
    assert session is not None
    return Events(api.services, session, "h", send), sent


async def test_who_is_silent_for_so_long_is_to_dial_anew(api: Api) -> None:
    on, sent = await listening(api)
    await api.create()
    await on.tell()
    (conversation,) = on._under_way
    assert len(sent) == 2
    on._sent[conversation] = time.monotonic() - SILENT_SECONDS + 5
    await on.tell()
    on._sent[conversation] = time.monotonic() - SILENT_SECONDS
    with pytest.raises(Over):
        await on.tell()


async def test_so_many_are_timed_and_what_is_under_way_always(api: Api) -> None:
    on, sent = await listening(api)
    await api.create()
    await on.tell()
    (held,) = on._under_way
    for n in range(REMEMBERED_MAX):
        on._remember(f"wc_{n}", "evt_x")
        del on._under_way[f"wc_{n}"]
    assert list(on._sent) == [held, *(f"wc_{n}" for n in range(1, REMEMBERED_MAX))]
    await on.tell()
    assert len(sent) == 2


async def test_an_event_that_cannot_be_told_is_passed_over(api: Api, process: Callable[[], Process]) -> None:
    session = await begun(api)
    await api.post("/v1/customers")
    poisoned = update(events).where(events.c.account == api.scope.account).values(data={})
    await api.database.execute(poisoned)
    intent = await api.create()
    on = process()
    with capture_logs() as lines:
        caller = await on.dialled(session)
        usual, _ = await told_of(caller)
    assert json.loads(usual["event_payload"])["data"]["object"]["id"] == intent["id"]
    assert await states(api, usual["webhook_id"]) == ["failed", "pending"]
    assert [line["log_level"] for line in lines if line["event"] == "an event was passed over"] == ["error"]


async def test_what_an_event_was_answered_is_written_down(api: Api, process: Callable[[], Process]) -> None:
    session = await begun(api)
    caller = await process().dialled(session)
    await api.create()
    usual, _ = await told_of(caller)
    caller.say(ack(usual))
    caller.say(response(usual))
    caller.say(response(usual, status=500, body="no\x00" + "!" * 5_000))
    junks: tuple[dict[str, Any], ...] = (
        {"status": True}, {"status": 5}, {"status": 10**9}, {"notification_id": 7}, {"notification_id": "evt_other"},
        {"webhook_conversation_id": []},
    )  # fmt: skip
    for junk in junks:
        caller.say(response(usual, **junk))
    for junk_text in ("", "{", "[]", "7", '"event_ack"', "{}", '{"type":"event_ack"}', "\ud800"):
        caller.say(junk_text.encode(errors="replace").decode())
    caller.say(response(usual, status=404, body=None))

    async def tries() -> Any:
        query = select(delivery_attempts).where(delivery_attempts.c.endpoint == usual["webhook_id"])
        rows = await api.database.execute(query.order_by(delivery_attempts.c.number))
        return rows if len(rows) == 3 else None

    rows = await until(tries)
    assert [(row.number, row.status, (row.excerpt or "")[:7]) for row in rows] == [
        (1, 200, "thanks"), (2, 500, "no!!!!!"), (3, 404, ""),
    ]  # fmt: skip
    assert len(rows[1].excerpt) == 1_000
    for _ in range(cli_sessions.RESPONSES_MAX):
        caller.say(response(usual))
    await api.create()
    caller.say(ack((await told_of(caller))[0]))
    endpoint = usual["webhook_id"]

    async def delivered() -> bool:
        return await states(api, endpoint) == ["delivered", "delivered"]

    await until(delivered)
    kept = select(delivery_attempts).where(delivery_attempts.c.endpoint == endpoint)
    assert len(await api.database.execute(kept)) == cli_sessions.RESPONSES_MAX


async def test_an_event_is_sent_again_to_who_listens(api: Api, process: Callable[[], Process]) -> None:
    session = await begun(api)
    ended = await begun(api)
    caller = await process().dialled(session)
    await api.create()
    usual, _ = await told_of(caller)
    caller.say(ack(usual))
    listener = usual["webhook_id"]

    async def delivered() -> bool:
        return await states(api, listener) == ["delivered"]

    await until(delivered)
    api.clock.now += DIAL_SECONDS
    event = json.loads(usual["event_payload"])["id"]
    assert (await api.post(f"/v1/events/{event}/retry")).status_code == 200
    again, _ = await told_of(caller)
    assert json.loads(again["event_payload"])["id"] == event
    assert again["webhook_conversation_id"] != usual["webhook_conversation_id"]
    # Said late, of the time before: it is not taken for the answer to this one.
    caller.say(ack(usual))
    caller.say(ack(again))
    await until(delivered)
    assert (await process().caller(ended).refusal()) == (404, "Unknown WebSocket ID.")


@pytest.mark.parametrize("opens", ["", "x" * 40, "x" * 300, "\x00"])
async def test_who_has_no_id_is_told_nothing(api: Api, process: Callable[[], Process], opens: str) -> None:
    session = {**await begun(api), "websocket_id": opens}
    assert await process().caller(session).refusal() == (404, "Unknown WebSocket ID.")


async def test_who_speaks_something_else_is_refused(api: Api, process: Callable[[], Process]) -> None:
    session, on = await begun(api), process()
    status, message = await on.caller(session, subprotocols=["chat"]).refusal()
    assert (status, PROTOCOL in message) == (400, True)
    status, message = await on.caller(session, query="websocket_feature=request_logs").refusal()
    assert (status, message) == (400, "The session is about webhooks.")


async def test_another_account_is_told_nothing_of_mine(api: Api, process: Callable[[], Process]) -> None:
    stranger = f"{api.scope.account}_b"
    await ensure_account(api.database, stranger, "b", 1)
    for livemode in (False, True):
        await ensure_key(api.database, stranger, f"sk_{livemode}_{stranger}", "secret", livemode=livemode, now=1)
    await ensure_key(api.database, api.scope.account, f"sk_live_{stranger}", "secret", livemode=True, now=1)
    keys = [f"sk_False_{stranger}", f"sk_True_{stranger}", f"sk_live_{stranger}"]
    on = process()
    theirs = [await on.dialled(await begun(api, key=key)) for key in keys]
    secrets = {(await begun(api, key=key))["secret"] for key in (*keys, api.secret)}
    assert len(secrets) == len(keys) + 1
    mine = await on.dialled(await begun(api))
    await api.create()
    usual, _ = await told_of(mine)
    for caller in theirs:
        caller.say(ack(usual))
        caller.say(response(usual))
        assert caller.sent.empty()
    await api.create()
    await told_of(mine)
    assert await states(api, usual["webhook_id"]) == ["pending", "pending"]


async def test_a_session_lasts_as_long_as_somebody_holds_it_and_a_day_at_most(
    api: Api, process: Callable[[], Process]
) -> None:
    never, held = await begun(api), await begun(api)
    on = process()
    caller = await on.dialled(held)
    api.clock.now += DIAL_SECONDS
    assert await on.caller(never).refusal() == (404, "Unknown WebSocket ID.")
    await caller.hang_up()
    api.clock.now += LEASE_SECONDS - DIAL_SECONDS - 1
    caller = await on.dialled(held)
    api.clock.now += LEASE_SECONDS
    assert await caller.next() == {"type": "websocket.close", "code": OVER, "reason": ""}
    assert await on.caller(held).refusal() == (404, "Unknown WebSocket ID.")
    old = await begun(api)
    for _ in range(LIFE_SECONDS // (LEASE_SECONDS - 1) + 1):
        taken = await cli_sessions.take(api.database, old["websocket_id"], "somebody", api.clock.now)
        assert taken is not None
        api.clock.now += LEASE_SECONDS - 1
    assert await on.caller(old).refusal() == (404, "Unknown WebSocket ID.")


async def test_a_session_ends_with_its_key(api: Api, process: Callable[[], Process]) -> None:
    session, on = await begun(api), process()
    caller = await on.dialled(session)
    (key,) = [each for each in await list_keys(api.database, api.scope) if each.kind == "secret"]
    await expire_key(api.database, key.id, api.clock.now)
    assert await caller.next() == {"type": "websocket.close", "code": OVER, "reason": ""}
    assert await on.caller(session).refusal() == (404, "Unknown WebSocket ID.")


async def test_what_has_ended_is_owed_nothing_and_is_forgotten_a_day_later(api: Api) -> None:
    await begun(api)
    await api.create()
    mine = select(webhook_endpoints).where(api.scope.owns(webhook_endpoints))
    (listener,) = await api.database.execute(mine)
    api.clock.now += DIAL_SECONDS
    while await cli_sweep.sweep(api.database, api.clock.now):
        pass
    assert await states(api, listener.id) == []
    await api.create()
    assert await states(api, listener.id) == []
    assert [row.enabled for row in await api.database.execute(mine)] == [False]
    api.clock.now += KEPT_SECONDS
    while await cli_sweep.sweep(api.database, api.clock.now):
        pass
    assert await api.database.execute(mine) == []


async def test_a_process_that_stops_says_so(api: Api, process: Callable[[], Process]) -> None:
    on = process()
    caller = await on.dialled(await begun(api))
    on.services.stopping.set()
    assert await caller.next() == {"type": "websocket.close", "code": GOING_AWAY, "reason": ""}
    on.services.stopping.clear()


async def test_looks_are_fewer_the_more_there_are() -> None:
    pace = Pace()
    with pace.one_more():
        assert pace.seconds == LOOK_SECONDS
    pace.listening = 1_000
    assert pace.seconds == 1_000 / LOOKS_A_SECOND_MAX


async def test_a_platform_is_told_of_its_accounts_and_whose_each_event_is(
    api: Api, process: Callable[[], Process]
) -> None:
    account, sibling = await connected(api), await connected(api, "b")
    session = await begun(api)
    theirs = await begun(api, Stripe_Account=account)
    mine = await api.create()
    intent = await api.create(Stripe_Account=account)
    caller, listening = await process().dialled(session), await process().dialled(theirs)
    told = []
    for _ in range(2):
        usual, _ = await told_of(caller)
        event = json.loads(usual["event_payload"])
        told.append((event.get("account"), event["data"]["object"]["id"]))
        caller.say(ack(usual))
    assert told == [(None, mine["id"]), (account, intent["id"])]
    usual, _ = await told_of(listening)
    event = json.loads(usual["event_payload"])
    assert (event.get("account"), event["data"]["object"]["id"]) == (None, intent["id"])
    listening.say(ack(usual))
    await until(lambda: all_taken(api, usual["webhook_id"]))
    # The one beside it is told nothing of either; and what was deleted is nobody's.
    other = await process().dialled(await begun(api, Stripe_Account=sibling))
    assert (await api.request("DELETE", f"/v1/accounts/{account}")).status_code == 200
    later = await api.create(Stripe_Account=sibling)
    for each, whose in ((caller, sibling), (other, None)):
        usual, _ = await told_of(each)
        event = json.loads(usual["event_payload"])
        assert (event.get("account"), event["data"]["object"]["id"]) == (whose, later["id"])


async def all_taken(api: Api, listener: str) -> bool:
    """Whether it is owed nothing any more."""
    return set(await states(api, listener)) == {"delivered"}


async def test_an_event_of_an_account_is_sent_again_to_who_listens(api: Api, process: Callable[[], Process]) -> None:
    account = await connected(api)
    session = await begun(api)
    caller = await process().dialled(session)
    await api.create(Stripe_Account=account)
    usual, _ = await told_of(caller)
    caller.say(ack(usual))
    await until(lambda: all_taken(api, usual["webhook_id"]))
    event = json.loads(usual["event_payload"])["id"]
    by_the_account = f"sk_test_{account}"
    await ensure_key(api.database, account, by_the_account, "secret", livemode=False, now=1)
    own = await api.post(f"/v1/events/{event}/retry", key=by_the_account)
    assert own.status_code == 200
    assert await states(api, usual["webhook_id"]) == ["delivered"], (
        "who listens for the platform is none of its business"
    )
    again = await api.post(f"/v1/events/{event}/retry", f"account={account}")
    assert again.status_code == 200
    usual, _ = await told_of(caller)
    assert json.loads(usual["event_payload"])["id"] == event
