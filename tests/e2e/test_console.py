"""The console in a real Chromium: find a payment, see where it is and why, do what can be done; nothing by accident."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from embedded.ports import free_port
from tests.e2e.axe import AXE, LOOK, at_each_width
from tests.e2e.conftest import SECRET, Running
from tests.e2e.test_browser_library import watched
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401
from tests.support import patient

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")


@pytest.fixture
def desk(browser: Browser, running: Running) -> Iterator[Page]:  # noqa: F811
    """Nothing that it asks for is elsewhere."""
    with watched(browser, f"{running.url}/dashboard") as page:
        requested: list[str] = []
        page.on("request", lambda request: requested.append(request.url))
        yield page
        assert [url for url in requested if not url.startswith((running.url, "data:", "blob:"))] == []


def sign_in(page: Page, key: str = SECRET) -> None:
    page.get_by_label("Secret key").fill(key)
    page.get_by_role("button", name="Sign in").click()


def go(page: Page, place: str) -> None:
    page.get_by_role("navigation", name="Console").get_by_role("link", name=place, exact=True).click()
    page.get_by_role("heading", name=place, level=1).wait_for()


def held(sdk: Any, **more: Any) -> Any:
    form = {"amount": 4321, "currency": "usd", "capture_method": "manual", "payment_method": "pm_card_visa"}
    return sdk.v1.payment_intents.create({**form, "confirm": True, **more})


def look_up(page: Page, text: str) -> None:
    page.get_by_label("Find a payment, or any id").fill(text)
    page.keyboard.press("Enter")


def opened(page: Page, made: Any) -> None:
    look_up(page, made.id)
    page.get_by_role("heading", name=made.id).wait_for()


def rows(page: Page) -> list[str]:
    """The ids of the payments of the list, in their order."""
    found = page.locator("[role=row][data-key^=pi_], tr[data-key^=pi_]").evaluate_all(
        "all => all.map((row) => row.dataset.key)"
    )
    return [str(id_) for id_ in found]


@pytest.mark.parametrize("key", ["sk_test_wrong", "pk_test_perdure", ""])
def test_only_a_secret_key_opens_it(desk: Page, key: str) -> None:
    sign_in(desk, key)
    desk.get_by_role("alert").wait_for()
    expect(desk.get_by_role("navigation")).to_have_count(0)
    expect(desk.get_by_label("Secret key")).to_be_visible()


def test_a_payment_is_found_and_its_timeline_read(sdk: Any, desk: Page) -> None:
    made = held(sdk, metadata={"order": "dash-1"})
    sign_in(desk)
    go(desk, "Payments")
    desk.get_by_label("Search, or a pi_… id").fill('metadata["order"]:"dash-1"')
    desk.get_by_role("button", name="Search", exact=True).click()
    expect(desk.locator("[data-key^=pi_]")).to_have_count(1)
    desk.locator(f"[data-key={made.id}]").click()
    desk.get_by_role("heading", name=made.id).wait_for()
    expect(desk.locator("svg.machine rect.now")).to_have_count(1)
    expect(desk.locator("svg.machine text.now")).to_have_text("requires capture")
    expect(desk.locator(".coming")).to_contain_text("The hold's time is up", use_inner_text=True)
    link = desk.get_by_role("link", name="Open in the Temporal UI")
    expect(link).to_have_attribute("href", re.compile(f"/namespaces/default/workflows/{made.id}$"))
    desk.get_by_role("tab", name="Timeline").click()
    timeline = desk.locator(".timeline")
    for happened in ("payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"):
        expect(timeline).to_contain_text(happened, use_inner_text=True)
    expect(timeline).to_contain_text("expire authorization, by itself", use_inner_text=True)
    desk.get_by_role("tab", name="JSON").click()
    shown = desk.get_by_role("region", name="The PaymentIntent as JSON")
    expect(shown).to_contain_text(f'"id": "{made.id}"', use_inner_text=True)


def test_it_changes_nothing_unless_allowed_and_asked_twice(sdk: Any, desk: Page) -> None:
    made = held(sdk)
    sign_in(desk)
    opened(desk, made)
    expect(desk.get_by_role("button", name="Capture", exact=True)).to_have_count(0)
    desk.get_by_text("Allow changes", exact=True).click()
    desk.get_by_role("button", name="Capture", exact=True).click()
    desk.get_by_role("button", name="Back").click()
    assert sdk.v1.payment_intents.retrieve(made.id).status == "requires_capture"
    desk.get_by_role("button", name="Capture", exact=True).click()
    desk.get_by_label("Amount (USD)").fill("43.22")
    expect(desk.get_by_role("button", name="Capture $43.22"), "more than is held").to_be_disabled()
    desk.get_by_label("Amount (USD)").fill("40.00")
    desk.get_by_role("button", name="Capture $40.00").click()
    desk.locator("h2 .status.succeeded").wait_for()
    after = sdk.v1.payment_intents.retrieve(made.id)
    assert (after.status, after.amount_received) == ("succeeded", 4000)


def test_a_part_is_given_back_and_what_came_of_it_stays(sdk: Any, desk: Page) -> None:
    made = held(sdk, capture_method="automatic")
    sign_in(desk)
    opened(desk, made)
    desk.get_by_text("Allow changes", exact=True).click()
    desk.get_by_role("button", name="Refund", exact=True).click()
    desk.get_by_label("Amount (USD)").fill("13.21")
    desk.get_by_role("button", name="Refund $13.21").click()
    said = desk.locator(".result")
    said.wait_for()
    expect(said).to_contain_text("of $13.21 is succeeded", use_inner_text=True)
    (refund,) = sdk.v1.refunds.list({"payment_intent": made.id}).data
    assert refund.amount == 1321
    desk.get_by_role("grid", name="Refunds").get_by_text(refund.id).wait_for()
    go(desk, "Payments")
    desk.go_back()
    said.wait_for()
    desk.get_by_role("button", name="Refund", exact=True).click()
    expect(desk.get_by_label("Amount (USD)"), "what is left").to_have_value("30.00")
    desk.get_by_role("button", name="Refund $30.00").click()
    desk.get_by_role("button", name="Refunded in full").wait_for()
    expect(desk.get_by_role("button", name="Refunded in full")).to_be_disabled()
    expect(said).to_have_count(2)


def test_time_is_moved_and_a_payment_canceled_with_its_reason(sdk: Any, desk: Page) -> None:
    made, other = held(sdk), held(sdk)
    sign_in(desk)
    desk.get_by_text("Allow changes", exact=True).click()
    opened(desk, made)
    desk.get_by_role("button", name="Move the clock").click()
    desk.get_by_role("dialog").get_by_role("button", name="Move the clock").click()
    desk.locator("h2 .status.canceled").wait_for()
    expect(desk.locator("article.payment")).to_contain_text("was not captured in time", use_inner_text=True)
    opened(desk, other)
    desk.get_by_role("button", name="Cancel", exact=True).click()
    desk.get_by_role("dialog").get_by_role("button", name=re.compile("Reason")).click()
    desk.get_by_role("option", name="Duplicate").click()
    desk.get_by_role("button", name="Cancel the payment").click()
    desk.locator("h2 .status.canceled").wait_for()
    assert sdk.v1.payment_intents.retrieve(other.id).cancellation_reason == "duplicate"


def test_more_is_held_metadata_is_changed_and_a_webhook_sent_again(running: Running, sdk: Any, desk: Page) -> None:
    url = f"http://127.0.0.1:{free_port()}/nobody"
    endpoint = sdk.v1.webhook_endpoints.create({"url": url, "enabled_events": ["payment_intent.created"]})
    card = {"request_incremental_authorization": "if_available"}
    made = held(sdk, payment_method_options={"card": card}, metadata={"old": "x"})
    sign_in(desk)
    desk.get_by_text("Allow changes", exact=True).click()
    opened(desk, made)
    desk.get_by_role("button", name="Increase", exact=True).click()
    desk.get_by_label("Amount (USD)").fill("50.00")
    desk.get_by_role("button", name="Hold $50.00").click()
    desk.locator(".result", has_text="$50.00 are held now").wait_for()
    desk.get_by_role("button", name="Edit", exact=True).click()
    desk.get_by_role("button", name="Remove old").click()
    desk.get_by_role("button", name="Another key").click()
    desk.get_by_label("Key", exact=True).fill("order")
    desk.get_by_label("Value", exact=True).fill("A-1")
    desk.get_by_role("button", name="Save").click()
    desk.locator(".result", has_text="metadata is changed").wait_for()
    after = sdk.v1.payment_intents.retrieve(made.id)
    assert (after.amount, after.metadata.to_dict()) == (5000, {"order": "A-1"})
    tried = f"/v1/webhook_endpoints/{endpoint.id}/deliveries"
    first = sdk.raw_request("get", tried).data["data"][0]
    desk.get_by_role("tab", name="Timeline").click()
    desk.get_by_role("button", name="Resend all that were not delivered").click()
    desk.get_by_role("button", name="Send again").click()
    desk.locator(".result", has_text="sent again").wait_for()

    def again() -> bool:
        now = sdk.raw_request("get", tried).data["data"][0]
        return len(now["attempts"]) > len(first["attempts"])

    running.wait_for(again)
    sdk.v1.webhook_endpoints.delete(endpoint.id)


def test_rules_of_routing_are_set_taken_back_and_ended(running: Running, desk: Page) -> None:
    sign_in(desk)
    go(desk, "Gateways")
    desk.get_by_text("None: the first gateway that can is asked.").wait_for()
    expect(desk.get_by_role("button", name="Set rules")).to_have_count(0)
    desk.get_by_text("Allow changes", exact=True).click()
    desk.get_by_role("button", name="Set rules").click()
    text = desk.get_by_label("Rules, as JSON")
    text.fill("{")
    expect(desk.get_by_role("button", name="Let them hold")).to_be_disabled()
    text.fill('{"rules": [{"name": "euros", "gateways": ["gamma"]}]}')
    desk.get_by_role("button", name="Let them hold").click()
    expect(desk.get_by_role("dialog").get_by_role("alert")).to_contain_text("gamma")
    text.fill('{"rules": [{"name": "euros", "when": {"currency": "eur"}, "gateways": ["simulator"]}]}')
    desk.get_by_role("button", name="Let them hold").click()
    desk.get_by_role("heading", name="Rules of routing, version 1").wait_for()
    desk.get_by_role("button", name="End", exact=True).click()
    desk.get_by_role("button", name="End them").click()
    desk.get_by_text("None: the first gateway that can is asked.").wait_for()
    desk.get_by_role("button", name="Let it hold again").click()
    desk.get_by_role("button", name="Let it hold", exact=True).click()
    desk.get_by_role("heading", name="Rules of routing, version 2").wait_for()
    ended = patient.post(f"{running.url}/dashboard/v1/routing_rules/end", auth=(SECRET, ""), trust_env=False)
    assert ended.json()["version"] == 2


def test_forints_have_two_digits_and_a_description_is_changed(sdk: Any, desk: Page) -> None:
    """Chromium would round them to whole ones, and a refund of 200 would be one of 2."""
    made = held(sdk, amount=20_000, currency="huf", capture_method="automatic", description="before")
    sign_in(desk)
    opened(desk, made)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("200.00")
    desk.get_by_text("Allow changes", exact=True).click()
    desk.get_by_role("button", name="Edit description").click()
    desk.get_by_label("What this payment is for").fill("after")
    desk.get_by_role("button", name="Save").click()
    desk.locator(".result", has_text="The description is changed").wait_for()
    assert sdk.v1.payment_intents.retrieve(made.id).description == "after"
    desk.get_by_role("button", name="Refund", exact=True).click()
    expect(desk.get_by_label("Amount (HUF)")).to_have_value("200.00")
    desk.get_by_label("Amount (HUF)").fill("150,00")
    desk.get_by_role("button", name="Refund HUF").click()
    desk.locator(".result", has_text="150.00").wait_for()
    assert [refund.amount for refund in sdk.v1.refunds.list({"payment_intent": made.id}).data] == [15_000]
    go(desk, "Balance")
    desk.get_by_role("button", name="Add it up").click()
    row = desk.get_by_role("grid", name="Books by currency").get_by_role("row", name="HUF")
    expect(row).to_contain_text("nothing")


def test_a_dispute_is_answered_with_a_text_and_a_file(running: Running, sdk: Any, desk: Page) -> None:
    made = held(sdk, payment_method="pm_card_createDispute", capture_method="automatic", amount=6543)
    running.wait_for(lambda: sdk.v1.disputes.list({"payment_intent": made.id}).data)
    (dispute,) = sdk.v1.disputes.list({"payment_intent": made.id}).data
    sign_in(desk)
    go(desk, "Disputes")
    desk.locator(f"[data-key={dispute.id}]").click()
    desk.get_by_text("None was given.").wait_for()
    expect(desk.get_by_role("button", name="Answer")).to_have_count(0)
    desk.get_by_text("Allow changes", exact=True).click()
    desk.get_by_role("button", name="Answer").click()
    desk.get_by_label("Text", exact=True).fill("They have signed for it.")
    desk.get_by_role("button", name="A file").click()
    desk.get_by_label("File (PDF, PNG or JPEG)").set_input_files(
        {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 signed"}
    )
    desk.get_by_role("button", name="Keep").click()
    desk.locator(".result", has_text="not sent yet").wait_for()
    staged = sdk.v1.disputes.retrieve(dispute.id)
    assert staged.evidence.uncategorized_text == "They have signed for it."
    assert staged.evidence.uncategorized_file.startswith("file_")
    assert (staged.evidence_details.submission_count, staged.status) == (0, "needs_response")
    desk.get_by_role("button", name="Give up").click()
    desk.get_by_role("button", name="Back").click()
    assert sdk.v1.disputes.retrieve(dispute.id).status == "needs_response"
    desk.get_by_role("button", name="Answer").click()
    desk.get_by_text("Send it to the bank now").click()
    desk.get_by_role("button", name="Send to the bank").click()
    desk.locator(".result", has_text="is with the bank").wait_for()
    sent = sdk.v1.disputes.retrieve(dispute.id)
    assert (sent.evidence_details.submission_count, sent.status) == (1, "under_review")


def test_amounts_by_day_and_failures_by_reason(sdk: Any, desk: Page) -> None:
    held(sdk, capture_method="automatic")
    declined = sdk.v1.payment_intents.create({"amount": 1099, "currency": "usd"})
    with pytest.raises(Exception, match="insufficient funds"):
        sdk.v1.payment_intents.confirm(declined.id, {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"})
    sign_in(desk)
    desk.get_by_role("grid", name="Failures by reason").get_by_text("insufficient funds").wait_for()
    desk.locator(".chart .recharts-bar-rectangle path").first.wait_for(state="attached")
    desk.get_by_text("As a table").click()
    expect(desk.get_by_role("region", name="Received by day", exact=True)).to_contain_text("of", use_inner_text=True)


def many(sdk: Any, count: int, mark: str) -> list[str]:
    """So many payments that wait, newest first."""
    form = {"amount": 1099, "currency": "usd", "metadata": {"batch": mark}, "description": "=1+1, a formula"}
    return [sdk.v1.payment_intents.create(form).id for _ in range(count)][::-1]


def test_a_view_is_an_address_and_its_pages_and_its_file_are_whole(sdk: Any, running: Running, desk: Page) -> None:
    ids = many(sdk, 60, "pages")
    sign_in(desk)
    desk.get_by_role("heading", name="Home", level=1).wait_for()
    desk.goto(f"{running.url}/dashboard/payments?tab=incomplete&key=batch&value=pages")
    expect(desk.locator("[data-key^=pi_]")).to_have_count(50)
    assert rows(desk) == ids[:50]
    expect(desk.get_by_role("link", name="Incomplete 60")).to_have_attribute("aria-current", "page")
    desk.get_by_role("button", name="Older").click()
    expect(desk.locator("[data-key^=pi_]")).to_have_count(10)
    assert rows(desk) == ids[50:]
    desk.reload()
    expect(desk.locator("[data-key^=pi_]")).to_have_count(10)
    assert rows(desk) == ids[50:], "the page is in the address"
    desk.get_by_role("button", name="Newer").click()
    expect(desk.locator("[data-key^=pi_]")).to_have_count(50)
    with desk.expect_download() as downloading:
        desk.get_by_role("button", name="Export CSV").click()
    text = Path(downloading.value.path()).read_text()
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [line["id"] for line in lines] == ids
    assert {(line["amount"], line["currency"], line["description"]) for line in lines} == {
        ("10.99", "usd", "'=1+1, a formula")
    }
    desk.get_by_role("button", name="Without: Metadata value").click()
    assert "value=" not in desk.url


def test_no_row_moves_under_the_mouse(sdk: Any, running: Running, desk: Page) -> None:
    first, second = many(sdk, 2, "still")[::-1]
    sign_in(desk)
    desk.get_by_role("heading", name="Home", level=1).wait_for()
    desk.goto(f"{running.url}/dashboard/payments?key=batch&value=still")
    expect(desk.locator("[data-key^=pi_]")).to_have_count(2)
    desk.locator(f"[data-key={first}]").hover()
    before = desk.locator(f"[data-key={first}]").bounding_box()
    (third,) = many(sdk, 1, "still")
    sdk.v1.payment_intents.cancel(first)
    show = desk.get_by_role("button", name="1 new: show")
    show.wait_for()
    expect(desk.locator(f"[data-key={first}]")).to_contain_text("Canceled")
    assert rows(desk) == [second, first]
    assert desk.locator(f"[data-key={first}]").bounding_box() == before
    show.click()
    expect(desk.locator("[data-key^=pi_]")).to_have_count(3)
    assert rows(desk)[0] == third


def test_by_keyboard_alone(sdk: Any, desk: Page) -> None:
    made = held(sdk, description="by keyboard")
    desk.get_by_label("Secret key").wait_for()
    desk.keyboard.type(SECRET)
    desk.keyboard.press("Enter")
    desk.get_by_role("heading", name="Home", level=1).wait_for()
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.textContent") == "Skip to the page"
    for _ in range(30):
        if desk.evaluate("document.activeElement.textContent") == "Payments":
            break
        desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    desk.get_by_role("heading", name="Payments", level=1).wait_for()
    desk.locator(f"[data-key={made.id}]").wait_for()
    for _ in range(60):
        if desk.evaluate("Boolean(document.activeElement.closest('[role=grid]'))"):
            break
        desk.keyboard.press("Tab")
    desk.keyboard.press("Home")
    for _ in range(60):
        if desk.evaluate("document.activeElement.closest('[data-key]')?.dataset.key") == made.id:
            break
        desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    desk.get_by_role("heading", name=made.id).wait_for()


PLACES = ("Home", "Payments", "Attention", "Customers", "Disputes", "Balance", "Events", "Webhooks", "Logs",
          "Reconciliation", "Gateways", "Payment methods", "API keys")  # fmt: skip


@pytest.mark.skipif(not AXE.exists(), reason="npm ci was not run in browser/")
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_it_is_accessible(sdk: Any, desk: Page, colours: Any) -> None:
    made = held(sdk)
    desk.emulate_media(color_scheme=colours)
    desk.evaluate(AXE.read_text())
    assert at_each_width(desk) == []
    sign_in(desk)
    desk.get_by_role("heading", name="Home", level=1).wait_for()
    for place in PLACES:
        go(desk, place)
        desk.wait_for_load_state("networkidle")
        assert at_each_width(desk) == [], place
    desk.set_viewport_size({"width": 390, "height": 800})
    desk.get_by_role("button", name="Open the menu").click()
    assert desk.evaluate(LOOK) == [], "the menu"
    go(desk, "Payments")
    opened(desk, made)
    desk.get_by_text("Allow changes", exact=True).click()
    desk.get_by_role("button", name="Capture", exact=True).click()
    desk.get_by_role("dialog").wait_for()
    assert at_each_width(desk) == []


def test_which_methods_are_offered_is_shown_and_changed(sdk: Any, desk: Page) -> None:
    sign_in(desk)
    go(desk, "Payment methods")
    # The account may have other configurations as well: every test of this engine is the same account's.
    usual = desk.get_by_role("region", name=re.compile("what payments go by unless they name another"))
    switch = usual.get_by_label("us bank account", exact=True)
    switch.wait_for(state="attached")
    expect(switch).not_to_be_checked()
    expect(switch).to_be_disabled()
    expect(usual.get_by_label("klarna", exact=True)).to_be_checked()
    desk.get_by_text("Allow changes", exact=True).click()
    expect(switch).to_be_enabled()
    expect(usual.get_by_label("card", exact=True), "cards stay").to_be_disabled()
    dollars = {"amount": 4321, "currency": "usd", "automatic_payment_methods": {"enabled": True}}
    try:
        usual.get_by_text("us bank account", exact=True).click()
        expect(switch).to_be_checked()
        assert of_the_account(sdk).us_bank_account.available
        assert "us_bank_account" in sdk.v1.payment_intents.create(dollars).payment_method_types
    finally:
        off = {"us_bank_account": {"display_preference": {"preference": "off"}}}
        sdk.v1.payment_method_configurations.update(of_the_account(sdk).id, off)


def of_the_account(sdk: Any) -> Any:
    """What its payments go by that name no other."""
    (own,) = (one for one in sdk.v1.payment_method_configurations.list({"limit": 100}).data if one.is_default)
    return own


def test_a_restricted_key_sees_its_own_places_and_no_acts(running: Running, sdk: Any, desk: Page) -> None:
    permissions = ["dashboard:read", "payment_intents:read", "charges:read", "customers:read"]
    form = {"kind": "restricted", **{f"permissions[{n}]": one for n, one in enumerate(permissions)}}
    answer = patient.post(f"{running.url}/dashboard/v1/api_keys", data=form, auth=(SECRET, ""), trust_env=False)
    made = held(sdk)
    sign_in(desk, answer.json()["key"])
    desk.get_by_role("link", name="Payments", exact=True).wait_for()
    named = desk.get_by_role("navigation", name="Console").get_by_role("link")
    expect(named).to_have_text(["Payments", "Attention", "Customers", "Reconciliation", "Gateways"])
    desk.get_by_text("Allow changes", exact=True).click()
    opened(desk, made)
    expect(desk.locator("article.payment")).to_contain_text("requires capture", use_inner_text=True)
    for act in ("Capture", "Cancel", "Refund", "Increase"):
        expect(desk.get_by_role("button", name=act, exact=True)).to_have_count(0)


def test_a_key_is_made_shown_once_and_revoked(running: Running, desk: Page) -> None:
    sign_in(desk)
    go(desk, "API keys")
    expect(desk.get_by_role("button", name="Make a key")).to_have_count(0)
    desk.get_by_text("Allow changes", exact=True).click()
    desk.get_by_role("button", name="Make a key").click()
    desk.get_by_label("What it is for").fill("a test of the console")
    desk.get_by_role("group", name="May read", exact=True).get_by_text("customers", exact=True).click()
    desk.get_by_role("button", name="Make it").click()
    key = desk.locator(".card code", has_text="rk_test_").inner_text()
    asked: dict[str, Any] = {"headers": {"Authorization": f"Bearer {key}"}, "trust_env": False}
    assert patient.get(f"{running.url}/v1/customers", **asked).status_code == 200
    assert patient.get(f"{running.url}/v1/events", **asked).status_code == 403
    desk.get_by_role("button", name="I have it").click()
    assert key not in desk.content()
    mine = desk.get_by_role("row", name=re.compile("a test of the console"))
    mine.get_by_role("button", name="Revoke").click()
    desk.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    desk.locator(".result", has_text="has ended").wait_for()
    running.wait_for(lambda: patient.get(f"{running.url}/v1/customers", **asked).status_code == 401)


def test_a_page_that_is_gone_after_an_update_says_so(desk: Page) -> None:
    sign_in(desk)
    desk.get_by_role("heading", name="Home", level=1).wait_for()
    desk.route("**/assets/customers-*.js", lambda route: route.abort())
    desk.get_by_role("link", name="Customers", exact=True).click()
    desk.get_by_role("heading", name="This page cannot be shown").wait_for()
    go(desk, "Disputes")
    expect(desk).to_have_title("Disputes · Perdure")
    desk.unroute("**/assets/customers-*.js")
    desk.go_back()
    desk.get_by_role("button", name="Load it again").click()
    desk.get_by_role("heading", name="Customers", level=1).wait_for()


def test_whose_key_is_revoked_is_signed_out_and_told(running: Running, desk: Page) -> None:
    permissions = ["dashboard:read", "payment_intents:read", "charges:read", "customers:read"]
    form = {"kind": "restricted", **{f"permissions[{n}]": one for n, one in enumerate(permissions)}}
    ours: dict[str, Any] = {"auth": (SECRET, ""), "trust_env": False}
    made = patient.post(f"{running.url}/dashboard/v1/api_keys", data=form, **ours).json()
    sign_in(desk, made["key"])
    # Home counts disputes, which it may not see: Payments is the first place that it opens.
    desk.get_by_role("heading", name="Payments", level=1).wait_for()
    patient.post(f"{running.url}/dashboard/v1/api_keys/{made['id']}/revoke", **ours)
    expect(desk.get_by_role("alert")).to_contain_text("opens nothing any more")
    expect(desk.get_by_label("Secret key")).to_be_visible()
    expect(desk.get_by_role("navigation")).to_have_count(0)
    assert desk.evaluate("sessionStorage.length") == 0
