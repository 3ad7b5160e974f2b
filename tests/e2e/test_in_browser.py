"""The bank's page in a real Chromium: approve, fail, close, come back; by keyboard too, in the dark, on a telephone."""

import contextlib
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from embedded.ports import free_port
from tests.e2e.conftest import Running
from tests.e2e.test_bank_transfers import asked as transfer_asked
from tests.e2e.test_bank_transfers import customer_of
from tests.e2e.test_families import confirmed, reached
from tests.e2e.test_vouchers import page_of, shown

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE_MS = 90_000
"""Playwright's own 5 s, and 30 for whatever is clicked, are less than a payment may take on a busy machine."""

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


class Merchant(BaseHTTPRequestHandler):
    """Where the buyer comes back to."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>Thank you</h1>")

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", free_port()), Merchant) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/done"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A telephone's page, dark; nothing it asks for is elsewhere."""
    context = browser.new_context(viewport={"width": 390, "height": 700}, color_scheme="dark")
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.route(
        "https://shop.example/**", lambda route: route.fulfill(body="<h1>Thank you</h1>", content_type="text/html")
    )
    requested: list[str] = []
    opened.on("request", lambda request: requested.append(request.url))
    yield opened
    # For people to look at. A headless Chromium sometimes has no picture to give; nothing hangs on it.
    with contextlib.suppress(Error):
        opened.screenshot(path=str(tmp_path / "last.png"))
    assert [url for url in requested if not url.startswith("http://127.0.0.1:")] == []
    context.close()


def challenged(sdk: Any, shop: str) -> Any:
    return sdk.v1.payment_intents.create(
        {
            "amount": 1099,
            "currency": "usd",
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": shop,
        }
    )


@pytest.mark.parametrize(
    ("button", "redirect", "status"),
    [
        ("Complete authentication", "succeeded", "succeeded"),
        ("Fail authentication", "failed", "requires_payment_method"),
        ("Close", "failed", "requires_action"),
    ],
)
def test_a_button_and_the_way_back(sdk: Any, page: Page, shop: str, button: str, redirect: str, status: str) -> None:
    intent = challenged(sdk, shop)
    page.goto(intent.next_action.redirect_to_url.url)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{shop}?*")
    assert f"payment_intent={intent.id}" in page.url
    assert f"payment_intent_client_secret={intent.client_secret}" in page.url
    assert f"redirect_status={redirect}" in page.url
    expect(page.get_by_role("heading")).to_have_text("Thank you")
    assert sdk.v1.payment_intents.retrieve(intent.id).status == status


def test_by_keyboard_alone(sdk: Any, page: Page, shop: str) -> None:
    intent = challenged(sdk, shop)
    page.goto(intent.next_action.redirect_to_url.url)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{shop}?*")
    assert sdk.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_left_and_come_back_to_and_answered_once(sdk: Any, page: Page, shop: str) -> None:
    intent = challenged(sdk, shop)
    url = intent.next_action.redirect_to_url.url
    page.goto(url)
    page.goto("about:blank")
    assert sdk.v1.payment_intents.retrieve(intent.id).status == "requires_action"
    page.goto(url)
    page.get_by_role("button", name="Complete authentication").click()
    page.wait_for_url(f"{shop}?*")
    page.goto(url)
    expect(page.get_by_role("heading")).to_have_text("Already answered")
    expect(page.get_by_role("button")).to_have_count(0)
    assert sdk.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_link_that_nobody_knows(running: Running, page: Page) -> None:
    answered = page.goto(f"{running.simulator}/authentications/authn_nobody")
    assert answered is not None
    assert answered.status == 404
    expect(page.get_by_role("heading")).to_have_text("Nothing to authenticate")


def test_a_buyer_says_what_was_deposited(running: Running, page: Page) -> None:
    client = running.client()
    intent = confirmed(client, "us_bank_account")
    page.goto(intent.next_action.verify_with_microdeposits.hosted_verification_url)
    page.get_by_label("Code").fill("SM00ZZ")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("alert")).to_contain_text("9 attempts left", use_inner_text=True)
    page.get_by_label("Code").press_sequentially("SM11AA")
    page.keyboard.press("Enter")
    page.get_by_text("Your bank account is verified").wait_for()
    reached(client, intent, "succeeded")


def test_a_buyer_reads_where_to_send_money(running: Running, page: Page) -> None:
    client = running.client()
    intent = transfer_asked(client, customer_of(client))
    told = intent.next_action.display_bank_transfer_instructions
    page.goto(told.hosted_instructions_url)
    expect(page.get_by_role("heading", name="Pay by bank transfer")).to_be_visible()
    for text in (told.reference, told.financial_addresses[0].aba.account_number, "110000000"):
        expect(page.get_by_text(text).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off on a phone"
    page.get_by_label("Test transfer").fill("700")
    page.get_by_role("button", name="Simulate a bank transfer").click()
    page.get_by_text("13.00 USD").wait_for()
    page.get_by_role("button", name="Simulate a bank transfer").click()
    reached(client, intent, "succeeded")
    page.reload()
    page.get_by_text("This payment is succeeded").wait_for()


@pytest.mark.parametrize("type_", ["oxxo", "pix"])
def test_a_buyer_pays_with_what_they_are_shown(running: Running, page: Page, type_: str) -> None:
    client = running.client()
    intent = shown(client, type_)
    page.goto(page_of(intent))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off on a phone"
    if type_ == "pix":
        assert page.get_by_alt_text("Code to scan").evaluate("image => image.naturalWidth > 0")
    else:
        expect(page.get_by_text(intent.next_action.oxxo_display_details.number)).to_be_visible()
    page.get_by_role("button", name="Authorize test payment").click()
    reached(client, intent, "succeeded")


def test_a_buyer_pays_by_redirect_and_comes_back(running: Running, page: Page, shop: str) -> None:
    client = running.client()
    intent = client.v1.payment_intents.create(
        {
            "amount": 2_000, "currency": "eur", "allowed_payment_method_types": ["ideal"], "confirm": True,
            "payment_method_data": {"type": "ideal"}, "return_url": shop,
        }
    )  # fmt: skip
    page.goto(intent.next_action.redirect_to_url.url)
    page.get_by_role("button", name="Authorize test payment").click()
    page.get_by_text("Thank you").wait_for()
    assert "redirect_status=succeeded" in page.url
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
