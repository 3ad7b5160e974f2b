"""SetupIntents from a browser: a method is kept for later by each call that Stripe.js has for it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_browser_library import (
    CARD,
    CHALLENGED,
    DECLINED,
    approve,
    begin,
    fields,
    mount_card,
    page,  # noqa: F401
    shop,  # noqa: F401
    type_card,
)
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")

CONFIRM = "stripe.confirmCardSetup('{}', {{payment_method: {{card, billing_details: {{name: 'Jenny'}}}}}})"


def setup(sdk: Any, **more: Any) -> Any:
    return sdk.v1.setup_intents.create({"allowed_payment_method_types": ["card"], **more})


def ended(page: Page) -> Any:  # noqa: F811
    page.wait_for_function("() => window.result")
    return page.evaluate("() => result")


def test_a_card_is_kept(sdk: Any, page: Page) -> None:  # noqa: F811
    made = setup(sdk, customer=sdk.v1.customers.create({}).id)
    type_card(mount_card(page))
    begin(page, CONFIRM.format(made.client_secret))
    assert ended(page)["setupIntent"]["status"] == "succeeded"
    kept = sdk.v1.setup_intents.retrieve(made.id, {"expand": ["payment_method"]}).payment_method
    assert (kept.card.last4, kept.customer, kept.billing_details.name) == (CARD[-4:], made.customer, "Jenny")
    again = page.evaluate("(secret) => stripe.retrieveSetupIntent(secret)", made.client_secret)
    assert again["setupIntent"]["payment_method"] == kept.id


def test_a_declined_card_is_not(sdk: Any, page: Page) -> None:  # noqa: F811
    made = setup(sdk)
    type_card(mount_card(page), DECLINED)
    begin(page, CONFIRM.format(made.client_secret))
    error = ended(page)["error"]
    assert (error["code"], error["setup_intent"]["status"]) == ("card_declined", "requires_payment_method")


@pytest.mark.parametrize("approves", [True, False])
def test_3d_secure_in_a_dialog(sdk: Any, page: Page, approves: bool) -> None:  # noqa: F811
    made = setup(sdk)
    type_card(mount_card(page), CHALLENGED)
    begin(page, CONFIRM.format(made.client_secret))
    bank = page.frame_locator("dialog iframe")
    bank.get_by_role("button", name="Complete authentication").wait_for()
    if approves:
        approve(page, bank)
        assert ended(page)["setupIntent"]["status"] == "succeeded"
    else:
        page.get_by_role("button", name="Close", exact=True).click()
        assert ended(page)["error"]["code"] == "setup_intent_authentication_failure"
        assert sdk.v1.setup_intents.retrieve(made.id).status == "requires_payment_method"


@pytest.mark.parametrize("deferred", [False, True])
def test_the_payment_element_keeps_a_card_and_says_so(sdk: Any, page: Page, shop: str, deferred: bool) -> None:  # noqa: F811
    made = setup(sdk)
    how = {"mode": "setup", "currency": "usd"} if deferred else {"clientSecret": made.client_secret}
    page.evaluate(
        """(how) => {
        window.elements = stripe.elements(how);
        elements.create("payment", {business: {name: "Kiosk"}}).mount("#box");
    }""",
        how,
    )
    card = fields(page)
    consent = card.locator(".chosen .TermsText")
    expect(consent).to_contain_text("you allow Kiosk to charge your Card for future payments")
    type_card(card)
    if deferred:
        assert page.evaluate("() => elements.submit()") == {"selectedPaymentMethod": "card"}
    back = "confirmParams: {return_url: location.origin + '/done'}"
    begin(page, f"stripe.confirmSetup({{elements, clientSecret: '{made.client_secret}', {back}}})")
    page.wait_for_url(f"{shop}done?*")
    assert f"setup_intent={made.id}" in page.url
    assert "redirect_status=succeeded" in page.url
    assert sdk.v1.setup_intents.retrieve(made.id).status == "succeeded"


def test_an_account_is_kept(sdk: Any, page: Page) -> None:  # noqa: F811
    made = setup(sdk, allowed_payment_method_types=["sepa_debit"])
    page.evaluate("() => { window.iban = stripe.elements().create('iban'); iban.mount('#box'); }")
    fields(page).get_by_label("IBAN").fill("DE89370400440532013000")
    buyer = "billing_details: {name: 'Jenny', email: 'jenny@example.com'}"
    begin(
        page, f"stripe.confirmSepaDebitSetup('{made.client_secret}', {{payment_method: {{sepa_debit: iban, {buyer}}}}})"
    )
    assert ended(page)["setupIntent"]["status"] == "succeeded"
    assert sdk.v1.setup_intents.retrieve(made.id).mandate


def test_a_linked_account_is_kept(sdk: Any, page: Page) -> None:  # noqa: F811
    secret = setup(sdk, allowed_payment_method_types=["us_bank_account"]).client_secret
    method = "payment_method_type: 'us_bank_account', payment_method_data: {billing_details: {name: 'Jenny'}}"
    begin(page, f"stripe.collectBankAccountForSetup({{clientSecret: '{secret}', params: {{{method}}}}})")
    page.frame_locator("dialog iframe").get_by_role("button", name="Link account").click()
    assert ended(page)["setupIntent"]["status"] == "requires_confirmation"
    done = page.evaluate("(secret) => stripe.confirmUsBankAccountSetup(secret)", secret)
    assert done["setupIntent"]["status"] == "succeeded"


def test_an_account_is_proved_by_microdeposits(sdk: Any, page: Page) -> None:  # noqa: F811
    options = {"us_bank_account": {"verification_method": "microdeposits"}}
    made = setup(sdk, allowed_payment_method_types=["us_bank_account"], payment_method_options=options)
    account = "{routing_number: '110000000', account_number: '000123456789', account_holder_type: 'individual'}"
    data = f"{{payment_method: {{us_bank_account: {account}, billing_details: {{name: 'Jenny'}}}}}}"
    begin(page, f"stripe.confirmUsBankAccountSetup('{made.client_secret}', {data})")
    assert ended(page)["setupIntent"]["next_action"]["type"] == "verify_with_microdeposits"
    call = "([secret, descriptor_code]) => stripe.verifyMicrodepositsForSetup(secret, {descriptor_code})"
    assert page.evaluate(call, [made.client_secret, "SM99ZZ"])["error"]["code"].startswith(
        "payment_method_microdeposit"
    )
    assert page.evaluate(call, [made.client_secret, "SM11AA"])["setupIntent"]["status"] == "succeeded"
