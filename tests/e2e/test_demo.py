"""The demo shop in a real Chromium: pay, be declined, hold, redirect and come back; and who may use its key."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from domain.methods.families import TYPES
from tests.e2e.axe import AXE, at_each_width
from tests.e2e.conftest import Running
from tests.e2e.test_browser_library import fields, type_card, watched
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401
from tests.support import patient

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")


@pytest.fixture
def demo(browser: Browser, running: Running) -> Iterator[Page]:  # noqa: F811
    with watched(browser, f"{running.url}/demo") as page:
        expect(page.get_by_role("button", name="New PaymentIntent")).to_be_enabled()
        yield page


def order(page: Page, method: str) -> FrameLocator:
    page.get_by_label("Pay by").select_option(method)
    page.get_by_role("button", name="New PaymentIntent").click()
    page.locator("#element iframe").wait_for()
    return fields(page, "#element")


def becomes(page: Page, status: str) -> None:
    page.locator("#status", has_text=status).wait_for()


def events(page: Page) -> list[str]:
    return [text.split(" ")[0] for text in page.locator("#events li").all_inner_texts()]


ARRIVED_ONCE = """() => {
    const names = (id) => [...document.querySelectorAll(`#${id} li`)].map((one) => one.innerText.split(" ")[0]).sort();
    return names("webhooks").includes("charge.refunded") && String(names("webhooks")) === String(names("events"));
}"""


def test_every_type_with_a_flow_is_on_offer(demo: Page) -> None:
    offered = demo.get_by_label("Pay by").locator("option").evaluate_all("(all) => all.map((one) => one.value)")
    assert sorted(offered) == sorted(TYPES)


def test_a_shop_that_cannot_be_opened_says_so_and_takes_no_order(browser: Browser, running: Running) -> None:  # noqa: F811
    page = browser.new_page()
    page.route("**/demo/facts.json", lambda route: route.abort())
    page.goto(f"{running.url}/demo")
    expect(page.get_by_role("status")).to_contain_text("The shop could not be opened")
    expect(page.get_by_role("button", name="New PaymentIntent")).to_be_disabled()
    expect(page.get_by_label("Hold now, capture later")).to_be_disabled()
    page.close()


def test_a_card_is_declined_then_paid_then_refunded(demo: Page) -> None:
    card = order(demo, "card")
    type_card(card, "4000000000000002")
    demo.get_by_role("button", name="Pay", exact=True).click()
    demo.get_by_text("Your card was declined.").first.wait_for()
    card.get_by_label("Card number").fill("4242424242424242")
    demo.get_by_role("button", name="Pay", exact=True).click()
    becomes(demo, "succeeded")
    demo.get_by_role("button", name="Refund").click()
    demo.locator("#events", has_text="charge.refunded").wait_for()
    seen = events(demo)
    assert seen.index("payment_intent.payment_failed") < seen.index("payment_intent.succeeded")
    demo.wait_for_function(ARRIVED_ONCE)


def test_a_basket_is_checked_out_and_ends_on_a_receipt(demo: Page) -> None:
    demo.get_by_label("Ship to").select_option("US")
    demo.get_by_role("button", name="One more: Mug").click()
    expect(demo.locator("#total")).to_have_text("$33.00")
    demo.get_by_role("button", name="Checkout").click()
    card = fields(demo, "#element")
    type_card(card)
    expect(demo.locator("#pay")).to_have_text("Pay $33.00")
    demo.get_by_role("button", name="Pay", exact=True).click()
    expect(demo.locator("#thanks")).to_have_text("Thank you! Your order is paid.")
    expect(demo.locator("#bought")).to_contain_text("1 × Notebook, 1 × Mug")
    becomes(demo, "succeeded")


def test_held_and_captured(demo: Page) -> None:
    demo.get_by_label("Hold now, capture later").check()
    type_card(order(demo, "card"))
    demo.get_by_role("button", name="Pay", exact=True).click()
    becomes(demo, "requires capture")
    demo.get_by_role("button", name="Capture").click()
    becomes(demo, "succeeded")


def test_a_bank_redirects_and_the_shop_goes_on_watching(demo: Page) -> None:
    order(demo, "ideal")
    demo.get_by_role("button", name="Pay", exact=True).click()
    demo.get_by_role("button", name="Authorize test payment").click()
    becomes(demo, "succeeded")
    assert "/demo?" in demo.url


def test_a_debit_waits_for_its_bank_and_time_is_helped_along(demo: Page) -> None:
    debit = order(demo, "sepa_debit")
    for label, value in (("Full name", "Jenny"), ("Email", "jenny@example.com"), ("IBAN", "DE89370400440532013000")):
        debit.get_by_label(label).fill(value)
    demo.get_by_role("button", name="Pay", exact=True).click()
    becomes(demo, "processing")
    demo.get_by_role("button", name="A week later").click()
    becomes(demo, "succeeded")


def test_a_bank_transfer_arrives(demo: Page) -> None:
    order(demo, "customer_balance")
    demo.get_by_role("button", name="Pay", exact=True).click()
    becomes(demo, "requires action")
    demo.get_by_role("button", name="The transfer arrives").click()
    becomes(demo, "succeeded")


@pytest.mark.skipif(not AXE.exists(), reason="npm ci was not run in browser/")
def test_it_is_accessible(demo: Page) -> None:
    order(demo, "card")
    becomes(demo, "requires payment method")
    demo.evaluate(AXE.read_text())
    for colours in ("light", "dark"):
        demo.emulate_media(color_scheme=colours)
        assert at_each_width(demo) == [], colours


@pytest.mark.parametrize("site", [None, "cross-site", "same-site", "none"])
def test_nobody_else_uses_its_key(running: Running, site: str | None) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {}
    answer = patient.post(
        f"{running.url}/demo/v1/customers", data={"name": "Mallory"}, headers=headers, trust_env=False
    )
    assert answer.status_code == 403
    assert "sk_test" not in patient.get(f"{running.url}/demo/facts.json", trust_env=False).text
