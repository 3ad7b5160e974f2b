"""The Payment Element as a shop's buyers meet it: shapes, languages, a merchant's look, mandates, codes, addresses."""

from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.e2e.test_browser_library import begin, fields, intent, page, shop, type_card, watched  # noqa: F401
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it")


def mounted(page: Page, made: Any, group: dict[str, Any], **options: Any) -> FrameLocator:  # noqa: F811
    """A payment element, its group made with `group`, it with `options`; `events` has what it said."""
    page.evaluate(
        """([clientSecret, group, options]) => {
        window.events = [];
        window.elements = stripe.elements({clientSecret, ...group});
        const element = elements.create("payment", options);
        for (const name of ["ready", "change", "loaderror", "loaderstart"]) {
            element.on(name, (event) => events.push([name, event]));
        }
        element.mount("#box");
    }""",
        [made if isinstance(made, str) else made.client_secret, group, options],
    )
    return fields(page)


@pytest.mark.parametrize(
    ("locale", "label"),
    [
        ("de", "Kartennummer"), ("fr-CA", "Numéro de carte"), ("es-419", "Número de tarjeta"),
        ("it", "Numero di carta"), ("nl", "Kaartnummer"), ("pt-BR", "Número do cartão"), ("pl", "Numer karty"),
        ("sv", "Kortnummer"), ("ja", "カード番号"), ("zh-HK", "卡号"), ("en-GB", "Card number"),
        ("fi", "Card number"), ("auto", "Card number"),
    ],
)  # fmt: skip
def test_a_buyer_reads_their_own_language(sdk: Any, page: Page, locale: str, label: str) -> None:  # noqa: F811
    card = mounted(page, intent(sdk), {"locale": locale})
    expect(card.get_by_label(label)).to_be_visible()
    page.evaluate("() => elements.submit()")
    expect(card.get_by_role("alert").first).not_to_be_empty()


def test_a_mandate_names_the_business_and_may_be_left_to_the_merchant(sdk: Any, page: Page) -> None:  # noqa: F811
    made = intent(sdk, currency="eur", allowed_payment_method_types=["sepa_debit"])
    debit = mounted(page, made, {}, business={"name": "Kiosk"})
    expect(debit.locator(".TermsText")).to_contain_text("you authorise Kiosk and the payment service provider")
    page.evaluate("() => elements.getElement('payment').update({terms: {sepaDebit: 'never'}})")
    expect(debit.locator(".TermsText")).to_be_empty()


def test_many_types_are_tabs_or_an_accordion_and_the_rest_is_behind_a_button(sdk: Any, page: Page) -> None:  # noqa: F811
    types = ["card", "klarna", "paypal", "sepa_debit", "ideal", "bancontact", "eps", "p24"]
    element = mounted(page, intent(sdk, currency="eur", allowed_payment_method_types=types), {}, layout="tabs")
    shown = element.locator("input[type=radio]:visible")
    expect(element.locator(".Tab--selected .TabLabel")).to_have_text("Card")
    expect(element.get_by_role("button", name="More")).to_be_visible()
    few = shown.count()
    assert few < len(types)
    element.get_by_role("button", name="More").click()
    expect(shown).to_have_count(len(types))
    element.get_by_role("radio", name="Przelewy24").check()
    page.evaluate(
        "() => elements.getElement('payment').update({layout: {type: 'accordion', visibleAccordionItemsCount: 3}})"
    )
    expect(element.locator(".AccordionItem--selected .TabLabel")).to_have_text("Przelewy24")
    element.get_by_role("button", name="Less").click()
    expect(shown).to_have_count(4)


def test_a_merchants_look_comes_in_and_nothing_else_does(sdk: Any, page: Page) -> None:  # noqa: F811
    look = {
        "theme": "night", "labels": "floating",
        "variables": {"colorPrimary": "#8b2fc9", "fontFamily": "url(https://evil.example/x)"},
        "rules": {
            ".Input": {
                "borderColor": "rgb(1, 2, 3)", "backgroundImage": "url(https://evil.example/a)", "position": "fixed",
            },
            "input[value^='4']": {"color": "red"}, ".Label:hover": {"color": "rgb(9, 9, 9)"},
        },
    }  # fmt: skip
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    card = mounted(page, intent(sdk), {"appearance": look})
    number = card.get_by_label("Card number")
    css = "(input, name) => getComputedStyle(input)[name]"
    expect(number).to_be_visible()
    assert number.evaluate(css, "borderTopColor") == "rgb(1, 2, 3)"
    assert (number.evaluate(css, "backgroundImage"), number.evaluate(css, "position")) == ("none", "static")
    type_card(card)
    assert number.evaluate(css, "color") == "rgb(255, 255, 255)"
    assert not any("evil.example" in url for url in asked)


def test_a_number_shows_its_brand_as_it_is_typed(sdk: Any, page: Page) -> None:  # noqa: F811
    card = mounted(page, intent(sdk), {})
    brand = card.locator(".number .brand")
    for typed, name in (
        ("4", "visa"),
        ("55", "mastercard"),
        ("34", "amex"),
        ("62", "unionpay"),
        ("", "visa,mastercard,amex"),
    ):
        card.get_by_label("Card number").fill(typed)
        expect(brand).to_have_attribute("data-brand", name)


def test_country_and_postal_code_go_along(sdk: Any, page: Page) -> None:  # noqa: F811
    made = intent(sdk)
    card = mounted(page, made, {}, defaultValues={"billingDetails": {"address": {"country": "GB"}}})
    expect(card.get_by_label("Country or region")).to_have_value("GB")
    card.get_by_label("Postal code").fill("WS11 1DB")
    type_card(card)
    page.evaluate("() => stripe.confirmPayment({elements, redirect: 'if_required'})")
    address = sdk.v1.payment_intents.retrieve(
        made.id, {"expand": ["payment_method"]}
    ).payment_method.billing_details.address
    assert (address.country, address.postal_code) == ("GB", "WS11 1DB")
    card.get_by_label("Country or region").select_option("FR")
    expect(card.get_by_label("Postal code")).to_be_hidden()


def test_blik_pays_by_its_code(sdk: Any, page: Page) -> None:  # noqa: F811
    made = intent(sdk, currency="pln", allowed_payment_method_types=["blik"])
    blik = mounted(page, made, {})
    assert page.evaluate("() => elements.submit().then((r) => r.error.code)") == "incomplete_code"
    blik.get_by_label("BLIK code").fill("123456")
    begin(page, "stripe.confirmPayment({elements, redirect: 'if_required'})")
    page.wait_for_function("() => window.result")
    assert page.evaluate("() => result.error ?? result.paymentIntent.status") == "succeeded"


def test_an_address_goes_along_with_the_payment(sdk: Any, page: Page) -> None:  # noqa: F811
    made = intent(sdk)
    card = mounted(page, made, {})
    page.evaluate("""() => {
        const allowedCountries = ["US", "DE"];
        window.address = elements.create("address", {mode: "shipping", fields: {phone: "always"}, allowedCountries});
        address.mount("#second");
    }""")
    address = fields(page, "#second")
    type_card(card)
    incomplete = page.evaluate(
        "() => stripe.confirmPayment({elements, redirect: 'if_required'}).then((r) => r.error.code)"
    )
    assert incomplete == "incomplete_name"
    address.get_by_label("Country or region").select_option("US")
    for label, text in (
        ("Full name", "Jenny Rosen"),
        ("Address", "1 Main Street"),
        ("City", "Springfield"),
        ("ZIP code", "62704"),
    ):
        address.get_by_label(label, exact=True).fill(text)
    address.get_by_label("State or province").select_option("IL")
    value = page.evaluate("() => address.getValue()")
    assert (value["complete"], value["value"]["address"]["state"]) == (True, "IL")
    paid = page.evaluate("() => stripe.confirmPayment({elements, redirect: 'if_required'})")
    assert paid["paymentIntent"]["status"] == "succeeded"
    shipping = sdk.v1.payment_intents.retrieve(made.id).shipping
    assert (shipping.name, shipping.address.line1, shipping.address.postal_code) == (
        "Jenny Rosen",
        "1 Main Street",
        "62704",
    )


def test_an_intent_that_is_not_there_is_a_load_error(page: Page) -> None:  # noqa: F811
    element = mounted(page, "pi_3nobody_secret_none", {})
    expect(element.get_by_role("alert")).to_contain_text("could not be loaded")
    page.wait_for_function("() => events.length > 1")
    assert [name for name, _ in page.evaluate("() => events")] == ["loaderstart", "loaderror"]


def test_a_deferred_group_changes_its_mind(page: Page) -> None:  # noqa: F811
    page.evaluate("""async () => {
        const paymentMethodTypes = ["card"];
        window.elements = stripe.elements({mode: "payment", amount: 1000, currency: "eur", paymentMethodTypes});
        elements.create("payment").mount("#box");
        window.ended = new Promise((done) => elements.on("update-end", done));
    }""")
    element = fields(page)
    expect(element.get_by_label("Card number")).to_be_visible()
    page.evaluate("() => elements.update({paymentMethodTypes: ['card', 'ideal'], amount: 2000}).then(() => ended)")
    expect(element.get_by_role("radio", name="iDEAL")).to_be_attached()


def test_it_fits_a_telephone(sdk: Any, browser: Browser, shop: str) -> None:  # noqa: F811
    with watched(browser, shop) as opened:
        opened.set_viewport_size({"width": 390, "height": 700})
        types = ["card", "ideal", "sepa_debit"]
        element = mounted(opened, intent(sdk, currency="eur", allowed_payment_method_types=types), {})
        expect(element.locator(".AccordionItem")).to_have_count(3)
        assert element.locator("body").evaluate("() => document.documentElement.scrollWidth <= innerWidth")
