"""The demo shop in a real Chromium with an Adyen behind it: declined, paid, held, captured and refunded by its news."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Running
from tests.e2e.test_adyen import adyen  # noqa: F401
from tests.e2e.test_browser_library import type_card, watched
from tests.e2e.test_demo import becomes, events, order
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")


@pytest.fixture
def shop(browser: Browser, adyen: Running) -> Iterator[Page]:  # noqa: F811
    with watched(browser, f"{adyen.url}/demo") as page:
        expect(page.get_by_role("button", name="New PaymentIntent")).to_be_enabled()
        yield page


def test_declined_then_paid_then_refunded_by_notification(shop: Page) -> None:
    card = order(shop, "card")
    type_card(card, "4000000000009995")
    shop.get_by_role("button", name="Pay", exact=True).click()
    shop.get_by_text("Your card has insufficient funds.").first.wait_for()
    card.get_by_label("Card number").fill("4111111111111111")
    shop.get_by_role("button", name="Pay", exact=True).click()
    becomes(shop, "succeeded")
    shop.get_by_role("button", name="Refund").click()
    shop.locator("#events", has_text="charge.refunded").wait_for()
    seen = events(shop)
    assert seen.index("payment_intent.payment_failed") < seen.index("payment_intent.succeeded")


def test_held_and_captured_by_notification(shop: Page) -> None:
    shop.get_by_label("Hold now, capture later").check()
    type_card(order(shop, "card"), "5555444433331111")
    shop.get_by_role("button", name="Pay", exact=True).click()
    becomes(shop, "requires capture")
    shop.get_by_role("button", name="Capture").click()
    becomes(shop, "succeeded")


def test_authenticated_at_the_banks_page(shop: Page) -> None:
    type_card(order(shop, "card"), "4212345678910006")
    shop.get_by_role("button", name="Pay", exact=True).click()
    frame = shop.frame_locator("iframe[src*='/3ds/']")
    frame.get_by_role("button", name="Yes, pay").click()
    becomes(shop, "succeeded")
