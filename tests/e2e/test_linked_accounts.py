"""A bank account linked in a dialog, as Stripe's guide to ACH payments has it: linked, then debited; or left alone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_browser_library import begin, intent, page, shop  # noqa: F401
from tests.e2e.test_families import reached
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")

COLLECT = """stripe.collectBankAccountForPayment({{clientSecret: "{secret}", expand: ["payment_method"], params: {{
    payment_method_type: "us_bank_account",
    payment_method_data: {{billing_details: {{name: "Jenny Rosen", email: "jenny@example.com"}}}}}}}})"""


def made(sdk: Any) -> Any:
    return intent(sdk, allowed_payment_method_types=["us_bank_account"])


@pytest.mark.parametrize(
    ("choice", "ends"), [("the debit succeeds", "succeeded"), ("is closed", "requires_payment_method")]
)
def test_linked_and_debited_without_deposits(sdk: Any, page: Page, choice: str, ends: str) -> None:  # noqa: F811
    wanted = made(sdk)
    begin(page, COLLECT.format(secret=wanted.client_secret))
    bank = page.frame_locator("dialog iframe")
    bank.get_by_label(choice).check()
    bank.get_by_role("button", name="Link account").click()
    page.wait_for_function("() => window.result")
    linked = page.evaluate("() => result.paymentIntent")
    assert (linked["status"], linked["payment_method"]["billing_details"]["name"]) == (
        "requires_confirmation",
        "Jenny Rosen",
    )
    paid = page.evaluate("(secret) => stripe.confirmUsBankAccountPayment(secret)", wanted.client_secret)
    assert (paid["paymentIntent"]["status"], paid["paymentIntent"]["next_action"]) == ("processing", None)
    reached(sdk, wanted, ends)


def test_closed_it_is_as_it_was(sdk: Any, page: Page) -> None:  # noqa: F811
    wanted = made(sdk)
    begin(page, COLLECT.format(secret=wanted.client_secret))
    page.frame_locator("dialog iframe").get_by_role("button", name="Link account").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("() => window.result")
    assert page.evaluate("() => result.paymentIntent.status") == "requires_payment_method"
    assert sdk.v1.payment_intents.retrieve(wanted.id).payment_method is None


@pytest.mark.parametrize("params", ["{payment_method_type: 'card'}", "{payment_method_type: 'us_bank_account'}"])
def test_without_what_it_takes_nothing_is_shown(sdk: Any, page: Page, params: str) -> None:  # noqa: F811
    call = f"stripe.collectBankAccountForPayment({{clientSecret: '{made(sdk).client_secret}', params: {params}}})"
    assert page.evaluate(f"() => ({call}).catch((error) => error.name)") == "IntegrationError"
    expect(page.locator("dialog")).to_have_count(0)
