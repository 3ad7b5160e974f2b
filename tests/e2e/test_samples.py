"""Stripe's own samples, by their calls: stripe-samples/accept-a-payment, payment-element and every page of its
custom-payment-flow whose type of payment method is there. None of its code is here; what its pages ask for is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page

from tests.e2e.conftest import Running
from tests.e2e.test_browser_library import CARD, begin, fields, page, shop, type_card  # noqa: F401
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")

AMOUNT = 5_999
BUYER = '{name: "Jenny Rosen", email: "jenny@example.com"}'
HOME = '{line1: "1 Main Street", city: "San Francisco", state: "CA", postal_code: "94107", country: "US"}'
SHIPPING = f"shipping: {{name: 'Jenny Rosen', address: {HOME}}}"
BACK = "return_url: location.origin + '/done'"
STRIPE = '{apiVersion: "2020-08-27"}'
"""Each sample names this version, which a publishable key may; but for konbini's, which is of a beta."""
KONBINI = '{betas: ["konbini_pm_beta_1"], apiVersion: "2020-08-27; konbini_beta=v1"}'
SERVER: dict[str, Any] = {"stripe_version": "2023-10-16"}
"""What the samples' servers say."""

Do = Callable[[FrameLocator], None]


def bank_chosen(frame: FrameLocator) -> None:
    frame.get_by_label("Bank").select_option(index=2)


def iban_typed(frame: FrameLocator) -> None:
    frame.get_by_label("IBAN").press_sequentially("DE89370400440532013000")


def account_typed(frame: FrameLocator) -> None:
    frame.get_by_label("BSB").press_sequentially("000000")
    frame.get_by_label("Account number").press_sequentially("000123456")


@dataclass(frozen=True)
class Sample:
    """One page: which element it mounts, what is typed there, and what it gives to the type's `confirm…Payment`."""

    type: str
    currency: str
    method: str
    """Of `stripe`."""
    data: str = f"{{payment_method: {{billing_details: {BUYER}}}, {BACK}}}"
    element: str = ""
    do: Do | None = None
    ends: tuple[str, ...] = ("succeeded",)
    options: dict[str, Any] = field(default_factory=dict)
    stripe: str = STRIPE

    @property
    def id(self) -> str:
        return self.type


def chooses(type_: str, element: str, options: str = "{}") -> dict[str, Any]:
    return {
        "data": f"{{payment_method: {{{type_}: element, billing_details: {BUYER}}}, {BACK}}}",
        "element": f'stripe.elements().create("{element}", {options})',
    }


SAMPLES = (
    Sample("affirm", "usd", "confirmAffirmPayment",
           f"{{payment_method: {{billing_details: {{...{BUYER}, address: {HOME}}}}}, {SHIPPING}, {BACK}}}"),
    Sample("afterpay_clearpay", "usd", "confirmAfterpayClearpayPayment",
           f"{{payment_method: {{billing_details: {{...{BUYER}, address: {HOME}}}}}, {SHIPPING}, {BACK}}}"),
    Sample("alipay", "cny", "confirmAlipayPayment", f"{{{BACK}}}"),
    Sample("au_becs_debit", "aud", "confirmAuBecsDebitPayment", do=account_typed, ends=("processing", "succeeded"),
           **chooses("au_becs_debit", "auBankAccount")),
    Sample("bancontact", "eur", "confirmBancontactPayment"),
    Sample("boleto", "brl", "confirmBoletoPayment",
           f"{{payment_method: {{billing_details: {{...{BUYER}, address: {HOME}}}, "
           "boleto: {tax_id: '00000000000'}}}",
           ends=("requires_action", "succeeded")),
    Sample("card", "usd", "confirmCardPayment", do=type_card, **chooses("card", "card", "{hidePostalCode: true}")),
    Sample("eps", "eur", "confirmEpsPayment", do=bank_chosen, **chooses("eps", "epsBank")),
    Sample("fpx", "myr", "confirmFpxPayment", do=bank_chosen,
           **chooses("fpx", "fpxBank", "{accountHolderType: 'individual'}")),
    Sample("giropay", "eur", "confirmGiropayPayment"),
    Sample("grabpay", "myr", "confirmGrabPayPayment"),
    Sample("ideal", "eur", "confirmIdealPayment", do=bank_chosen, **chooses("ideal", "idealBank")),
    Sample("klarna", "usd", "confirmKlarnaPayment",
           f"{{payment_method: {{billing_details: {{...{BUYER}, address: {{country: 'US'}}}}}}, {BACK}}}"),
    Sample("konbini", "jpy", "confirmKonbiniPayment",
           f"{{payment_method: {{billing_details: {BUYER}}}, "
           "payment_method_options: {konbini: {confirmation_number: '15555555555'}}}",
           ends=("requires_action", "succeeded"),
           options={"konbini": {"product_description": "Tシャツ", "expires_after_days": 3}}, stripe=KONBINI),
    Sample("oxxo", "mxn", "confirmOxxoPayment", f"{{payment_method: {{billing_details: {BUYER}}}}}",
           ends=("requires_action", "succeeded")),
    Sample("p24", "eur", "confirmP24Payment", do=bank_chosen,
           element='stripe.elements().create("p24Bank")',
           data=f"{{payment_method: {{p24: element, billing_details: {BUYER}}}, {BACK}, "
           "payment_method_options: {p24: {tos_shown_and_accepted: true}}}"),
    Sample("sepa_debit", "eur", "confirmSepaDebitPayment", do=iban_typed, ends=("processing", "succeeded"),
           **chooses("sepa_debit", "iban", "{supportedCountries: ['SEPA']}")),
    Sample("sofort", "eur", "confirmSofortPayment",
           f"{{payment_method: {{sofort: {{country: 'DE'}}, billing_details: {BUYER}}}, {BACK}}}",
           ends=("processing", "succeeded")),
    Sample("wechat_pay", "cny", "confirmWechatPayPayment", "{payment_method_options: {wechat_pay: {client: 'web'}}}",
           ends=("requires_action", "succeeded")),
)  # fmt: skip


def made(sdk: Any, type_: str, currency: str, **options: Any) -> Any:
    given = {"amount": AMOUNT, "currency": currency, "payment_method_types": [type_]}
    return sdk.v1.payment_intents.create(given | ({"payment_method_options": options} if options else {}), SERVER)


def finish(page: Page) -> None:  # noqa: F811
    """As a buyer does: at a bank that they are sent to, or on a page that is shown to them."""
    page.wait_for_function(
        "() => window.result || document.querySelector('dialog iframe') || document.querySelector('form[method=post]')"
    )
    if page.locator("dialog iframe").count():
        page.frame_locator("dialog iframe").get_by_role("button", name="Authorize test payment").click()
        page.get_by_role("button", name="Close", exact=True).click()
    elif page.get_by_role("button", name="Authorize test payment").count():
        page.get_by_role("button", name="Authorize test payment").click()
        page.wait_for_url("**/done?*")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_a_page_of_the_custom_payment_flow_pays(sdk: Any, page: Page, sample: Sample) -> None:  # noqa: F811
    page.evaluate(f"() => {{ window.stripe2020 = Stripe('pk_test_perdure', {sample.stripe}) }}")
    if sample.element:
        page.evaluate(f"() => {{ window.element = {sample.element}; element.mount('#box'); }}")
    if sample.do:
        sample.do(fields(page))
    intent = made(sdk, sample.type, sample.currency, **sample.options)
    begin(page, f"stripe2020.{sample.method}('{intent.client_secret}', {sample.data})")
    finish(page)
    assert sdk.v1.payment_intents.retrieve(intent.id).status in sample.ends
    if "/done" in page.url:
        assert f"payment_intent={intent.id}" in page.url


def test_the_page_for_ach_links_an_account_and_pays(sdk: Any, page: Page) -> None:  # noqa: F811
    secret = made(sdk, "us_bank_account", "usd").client_secret
    method = f"payment_method_type: 'us_bank_account', payment_method_data: {{billing_details: {BUYER}}}"
    begin(page, f"stripe.collectBankAccountForPayment({{clientSecret: '{secret}', params: {{{method}}}}})")
    page.frame_locator("dialog iframe").get_by_role("button", name="Link account").click()
    page.wait_for_function("() => window.result")
    assert page.evaluate("() => result.paymentIntent.status") == "requires_confirmation"
    paid = page.evaluate("(secret) => stripe.confirmUsBankAccountPayment(secret)", secret)
    assert paid["paymentIntent"]["status"] in ("processing", "succeeded")


def test_the_page_for_canadian_debits_asks_for_the_account_in_a_dialog(sdk: Any, page: Page) -> None:  # noqa: F811
    mandate = {"mandate_options": {"payment_schedule": "sporadic", "transaction_type": "personal"}}
    intent = made(sdk, "acss_debit", "cad", acss_debit=mandate)
    begin(page, f"stripe.confirmAcssDebitPayment('{intent.client_secret}', "
                f"{{payment_method: {{billing_details: {BUYER}}}, {BACK}}})")  # fmt: skip
    page.frame_locator("dialog iframe").get_by_role("button", name="Link account").click()
    page.wait_for_function("() => window.result")
    assert page.evaluate("() => result.error ?? result.paymentIntent.next_action.type") == "verify_with_microdeposits"
    paid = sdk.v1.payment_intents.verify_microdeposits(intent.id, {"amounts": [32, 45]})
    assert paid.status in ("processing", "succeeded")


def test_the_page_for_paypal_pays_by_a_button(sdk: Any, page: Page, shop: str) -> None:  # noqa: F811
    secret = made(sdk, "paypal", "eur").client_secret
    page.evaluate(
        """([amount, clientSecret]) => {
        const elements = stripe.elements({mode: "payment", amount, currency: "eur", paymentMethodTypes: ["paypal"]});
        const wallets = elements.create("expressCheckout");
        wallets.on("ready", (event) => { window.ready = event });
        wallets.on("click", (event) => event.resolve({phoneNumberRequired: true}));
        wallets.on("confirm", async () => {
            const {error} = await elements.submit();
            const confirmParams = {return_url: location.origin + "/done"};
            window.result = error ?? await stripe.confirmPayment({elements, clientSecret, confirmParams});
        });
        wallets.mount("#box");
    }""",
        [AMOUNT, secret],
    )
    page.wait_for_function("() => window.ready")
    assert page.evaluate("() => ready.availablePaymentMethods.paypal") is True
    fields(page).get_by_role("button", name="Pay with PayPal").click()
    page.get_by_role("button", name="Authorize test payment").click()
    page.wait_for_url(f"{shop}done?*")
    assert "redirect_status=succeeded" in page.url


@pytest.mark.parametrize("wallet", ["Google Pay", "Apple Pay"])
def test_the_pages_for_wallets_hear_that_there_is_none(page: Page, wallet: str) -> None:  # noqa: F811
    del wallet
    assert page.evaluate("""async () => {
        const request = stripe.paymentRequest({country: "US", currency: "usd", total: {label: "Demo", amount: 1999}});
        const button = stripe.elements().create("paymentRequestButton", {paymentRequest: request});
        request.on("paymentmethod", () => undefined);
        return [await request.canMakePayment(), button.mounted];
    }""") == [None, False]


def test_the_page_for_bank_transfers_says_where_to_send_money_and_is_paid_by_it(running: Running, sdk: Any) -> None:
    funding = {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": {"type": "jp_bank_transfer"}}}
    customer = sdk.v1.customers.create({}).id
    intent = sdk.v1.payment_intents.create(
        {
            "amount": AMOUNT, "currency": "jpy", "payment_method_types": ["customer_balance"], "confirm": True,
            "payment_method_data": {"type": "customer_balance"}, "payment_method_options": funding,
            "customer": customer,
        },
        SERVER,
    )  # fmt: skip
    told = intent.next_action.display_bank_transfer_instructions
    assert told.financial_addresses[0].zengin.account_type == "futsu"
    sent = {"amount": told.amount_remaining, "currency": told.currency, "reference": told.reference}
    sdk.v1.test_helpers.customers.fund_cash_balance(customer, sent)
    running.wait_for(lambda: sdk.v1.payment_intents.retrieve(intent.id).status == "succeeded")


@pytest.mark.parametrize("types", [None, ["link", "card"]])
def test_the_payment_element_beside_an_email_pays(sdk: Any, page: Page, shop: str, types: list[str] | None) -> None:  # noqa: F811
    how = {"allowed_payment_method_types": types} if types else {"automatic_payment_methods": {"enabled": True}}
    intent = sdk.v1.payment_intents.create({"amount": 1_400, "currency": "usd", **how})
    page.evaluate(
        """(clientSecret) => {
        window.elements = stripe.elements({clientSecret, loader: "auto"});
        elements.create("payment").mount("#box");
        elements.create("linkAuthentication").mount("#second");
    }""",
        intent.client_secret,
    )
    fields(page, "#second").get_by_label("Email").fill("jenny@example.com")
    type_card(fields(page))
    begin(page, f"stripe.confirmPayment({{elements, confirmParams: {{{BACK}}}}})")
    page.wait_for_url(f"{shop}done?*")
    paid = page.evaluate("(secret) => stripe.retrievePaymentIntent(secret)", intent.client_secret)
    assert paid["paymentIntent"]["status"] == "succeeded"
    method = sdk.v1.payment_intents.retrieve(intent.id, {"expand": ["payment_method"]}).payment_method
    assert (method.card.last4, method.billing_details.email) == (CARD[-4:], "jenny@example.com")
