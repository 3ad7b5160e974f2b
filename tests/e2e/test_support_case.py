"""A support case with the console alone: what was it, for each of six payments, answered in three clicks at most."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from playwright.sync_api import Browser, Locator, Page, expect

from embedded.ports import free_port
from tests.e2e.conftest import Running
from tests.e2e.test_browser_library import watched
from tests.e2e.test_console import held, sign_in
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")

CLICKS_MAX = 3


class Support:
    """Somebody with a mouse, who begins each question on the first page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.clicks = page, url, 0

    def begin(self) -> None:
        self.page.goto(f"{self.url}/dashboard")
        self.page.get_by_role("heading", name="Home", level=1).wait_for()
        self.clicks = 0

    def click(self, where: Locator) -> None:
        where.click()
        self.clicks += 1

    def place(self, name: str) -> None:
        self.click(self.page.get_by_role("navigation", name="Console").get_by_role("link", name=name, exact=True))

    def tab(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name))

    def row(self, text: str) -> None:
        self.click(self.page.get_by_role("row", name=text).or_(self.page.locator("[data-key]", has_text=text)).first)

    def reads(self, *texts: str) -> None:
        for text in texts:
            self.page.locator("main").get_by_text(text).first.wait_for()
        assert self.clicks <= CLICKS_MAX, f"{texts[0]} took {self.clicks} clicks"


@pytest.fixture
def support(browser: Browser, running: Running) -> Iterator[Support]:  # noqa: F811
    with watched(browser, f"{running.url}/dashboard") as page:
        sign_in(page)
        page.get_by_role("heading", name="Home", level=1).wait_for()
        yield Support(page, running.url)


def test_why_was_a_card_declined(sdk: Any, support: Support) -> None:
    with pytest.raises(stripe.CardError):
        held(sdk, payment_method="pm_card_visa_chargeDeclinedLostCard", description="a lost card")
    support.begin()
    support.place("Payments")
    support.tab("Failed")
    support.row("a lost card")
    support.reads("The last attempt failed (lost_card)")


def test_why_does_a_buyer_not_come_back_from_their_bank(sdk: Any, support: Support) -> None:
    held(
        sdk, payment_method="pm_card_threeDSecure2Required", return_url="https://shop.example", description="at a bank"
    )
    support.begin()
    support.place("Payments")
    support.tab("Needs the buyer")
    support.row("at a bank")
    support.reads("It waits for the buyer.", "has not come back from there")


def test_why_was_a_hold_never_captured(running: Running, sdk: Any, support: Support) -> None:
    made = held(sdk, description="forgotten")
    sdk.raw_request("post", f"/v1/test_helpers/payment_intents/{made.id}/fast_forward", seconds=8 * 86_400)
    running.wait_for(lambda: sdk.v1.payment_intents.retrieve(made.id).status == "canceled")
    support.begin()
    support.place("Payments")
    support.tab("Canceled")
    support.row("forgotten")
    support.reads("Its hold was not captured in time, so it was released and the payment canceled.")


def test_was_it_paid_or_not(running: Running, sdk: Any, support: Support) -> None:
    running.faults(outage=True, operations=["authorize", "retrieve"])
    try:
        made = held(sdk, amount=4567)
        assert made.status == "processing"
        support.begin()
        support.place("Attention")
        support.row("$45.67")
        support.reads("It waits for the gateway.", "it may have been done, or not", "by the same key")
        not_done_by_the_word_of_an_operator(support.page)
        assert sdk.v1.payment_intents.retrieve(made.id).status == "requires_payment_method"
    finally:
        running.faults()


def not_done_by_the_word_of_an_operator(page: Page) -> None:
    """Their gateway can still be asked, so they have to say why they speak in its place."""
    assert page.get_by_role("button", name="Say what became of it").count() == 0, "looking changes nothing"
    page.get_by_text("Allow changes", exact=True).click()
    page.get_by_role("button", name="Say what became of it").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Outcome").click()
    page.get_by_role("option", name="It was not done, and never will be").click()
    dialog.get_by_label("What that rests on").fill("ticket 7")
    dialog.get_by_label("Who says so").fill("kim")
    expect(dialog.get_by_role("button", name="Say so")).to_be_disabled()
    dialog.get_by_label("Why it is said although the gateway can still be asked").fill("their account is closed")
    dialog.get_by_role("button", name="Say so").click()
    page.locator(".result", has_text="by the word of kim, authorize was not done").wait_for()


def test_what_does_a_bank_take_back_and_until_when_to_answer(running: Running, sdk: Any, support: Support) -> None:
    made = held(sdk, payment_method="pm_card_createDispute", capture_method="automatic", amount=7654)
    running.wait_for(lambda: sdk.v1.disputes.list({"payment_intent": made.id}).data)
    support.begin()
    support.place("Disputes")
    support.row("$76.54")
    support.reads("Answer by", "A dispute over fraudulent", made.id)


def test_what_does_a_shop_not_hear_of(running: Running, sdk: Any, support: Support) -> None:
    url = f"http://127.0.0.1:{free_port()}/nobody"
    endpoint = sdk.v1.webhook_endpoints.create({"url": url, "enabled_events": ["payment_intent.created"]})
    try:
        sdk.v1.payment_intents.create({"amount": 1099, "currency": "usd"})
        support.begin()
        support.place("Webhooks")
        support.row(url)
        support.reads("payment_intent.created", "tried again", "ConnectError")
    finally:
        sdk.v1.webhook_endpoints.delete(endpoint.id)
