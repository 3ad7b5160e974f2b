"""Bank data at the edge: what cannot be an account, a taxpayer or a country is refused before anybody is asked."""

from typing import Any
from urllib.parse import urlencode

import pytest

from api.usecases.needed_data import BUYER
from domain.methods.families import ATTACHABLE
from parameters.common import METHOD_TYPES
from records.accounts import ensure_key
from simulator.account_table import NAMED
from tests.api.conftest import Api, error_of

METHODS, INTENTS = "/v1/payment_methods", "/v1/payment_intents"
WHO = {"name": "Jenny Rosen", "email": "jenny@example.com"}
ACCOUNTS: dict[str, dict[str, str]] = {
    "acss_debit": {"account_number": "000123456789", "institution_number": "000", "transit_number": "11000"},
    "au_becs_debit": {"account_number": "000123456", "bsb_number": "000000"},
    "bacs_debit": {"account_number": "00012345", "sort_code": "108800"},
    "boleto": {"tax_id": "000.000.000-00"},
    "fpx": {"bank": "maybank2u"},
    "nz_bank_account": {"account_number": "0000000", "bank_code": "11", "branch_code": "0000", "suffix": "010"},
    "payto": {"account_number": "000123456", "bsb_number": "000000"},
    "sepa_debit": {"iban": "DE89370400440532013000"},
    "sofort": {"country": "DE"},
    "us_bank_account": {"account_number": "000123456789", "routing_number": "110000000"},
}


def form_of(type_: str, given: dict[str, str], who: dict[str, Any] = WHO, within: str = "") -> str:
    """A request for a method of this type, in a hash or by itself."""
    fields = {"type": type_} | {f"{type_}[{name}]": value for name, value in given.items()}
    fields |= {f"billing_details[{name}]": value for name, value in who.items()}
    if within:
        fields = {f"{within}[{name.replace('[', '][', 1).removesuffix(']')}]": value for name, value in fields.items()}
    return urlencode(fields)


IBAN, ROUTING, ACCOUNT, TAX = (
    "invalid_bank_account_iban", "routing_number_invalid", "account_number_invalid", "tax_id_invalid",
)  # fmt: skip
WRONG = [
    ("sepa_debit", "iban", "DE89370400440532013001", IBAN),
    ("sepa_debit", "iban", "DE8937040044053201300", IBAN),
    ("sepa_debit", "iban", "XX89370400440532013000", IBAN),
    ("sepa_debit", "iban", "SA0380000000608010167519", IBAN),
    ("sepa_debit", "iban", "zzz", IBAN),
    ("sepa_debit", "iban", "", IBAN),
    ("sepa_debit", "iban", "DE89" * 40, IBAN),
    ("us_bank_account", "routing_number", "zzz", ROUTING),
    ("us_bank_account", "routing_number", "110000001", ROUTING),
    ("us_bank_account", "routing_number", "11000000", ROUTING),
    ("us_bank_account", "routing_number", "１１００００００００", ROUTING),
    ("us_bank_account", "account_number", "123", ACCOUNT),
    ("us_bank_account", "account_number", "123456789012345678", ACCOUNT),
    ("us_bank_account", "account_number", "DE8937040044", ACCOUNT),
    ("acss_debit", "institution_number", "01", ROUTING),
    ("acss_debit", "transit_number", "123456", ROUTING),
    ("acss_debit", "account_number", "1234567890123", ACCOUNT),
    ("au_becs_debit", "bsb_number", "00000", ROUTING),
    ("au_becs_debit", "account_number", "1234567890", ACCOUNT),
    ("bacs_debit", "sort_code", "1088001", ROUTING),
    ("bacs_debit", "account_number", "0001234", ACCOUNT),
    ("nz_bank_account", "bank_code", "1", ROUTING),
    ("nz_bank_account", "branch_code", "00a0", ROUTING),
    ("nz_bank_account", "account_number", "123456", ACCOUNT),
    ("nz_bank_account", "suffix", "1", ACCOUNT),
    ("payto", "bsb_number", "12", ROUTING),
    ("payto", "account_number", "1", ACCOUNT),
    ("boleto", "tax_id", "123.456.789-00", TAX),
    ("boleto", "tax_id", "00.000.000/0001-92", TAX),
    ("boleto", "tax_id", "1", TAX),
]


@pytest.mark.parametrize(("type_", "name", "value", "code"), WRONG)
@pytest.mark.parametrize("within", ["", "payment_method_data"])
async def test_a_number_that_cannot_be_one_is_refused(
    api: Api, type_: str, name: str, value: str, code: str, within: str
) -> None:
    form = form_of(type_, {**ACCOUNTS[type_], name: value}, within=within)
    intent = f"amount=5000&currency=usd&allowed_payment_method_types[]=card&{form}"
    answer = await api.post(INTENTS, intent) if within else await api.post(METHODS, form)
    error = error_of(answer)
    param = f"{within}[{type_}][{name}]" if within else f"{type_}[{name}]"
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert (error["code"], error["param"]) == (code, param)
    assert not value or value not in error["message"], "an account number is in no message"
    assert api.tokenization.accounts == []


TYPED = [
    ("sepa_debit", "iban", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    ("us_bank_account", "routing_number", "1100 0000 0", "110000000"),
    ("us_bank_account", "account_number", "000-123-456-789", "000123456789"),
    ("bacs_debit", "sort_code", "10-88-00", "108800"),
    ("au_becs_debit", "bsb_number", "000-000", "000000"),
    ("boleto", "tax_id", "12345678909", "123.456.789-09"),
    ("boleto", "tax_id", "00000000000191", "00.000.000/0001-91"),
    ("boleto", "tax_id", "00.000.000/0000-00", "00.000.000/0000-00"),
]


@pytest.mark.parametrize(("type_", "name", "value", "kept"), TYPED)
async def test_spaces_case_and_punctuation_are_the_buyers(
    api: Api, type_: str, name: str, value: str, kept: str
) -> None:
    response = await api.post(METHODS, form_of(type_, {**ACCOUNTS[type_], name: value}))
    assert response.status_code == 200, response.text
    assert api.tokenization.accounts[-1][name] == kept


PLACE = {"line1": "1 High Street", "country": "GB", "city": "London", "postal_code": "E1 6AN"}

TEST_IBANS = (
    "AT611904300234573201 AT321904300235473204 AT981904300000343434 BE62510007547061 BE78510007547064 BE68539007547034 "
    "DE08370400440532013003 DE65370400440002222227 FR1420041010050500013M02606 FR7920041010050500013M02600 "
    "FR5920041010050000000121212 IE29AIBK93115212345678 IE51AIBK93115212345670"
).split()
"""Of docs.stripe.com/testing; not all of them have their own country's check digits."""


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        *((named.type, named.given) for named in NAMED.values()),
        *ACCOUNTS.items(),
        *(("sepa_debit", {"iban": iban}) for iban in TEST_IBANS),
    ],
)
async def test_stripes_test_accounts_are_taken(api: Api, type_: str, given: dict[str, str]) -> None:
    # An account outside the EEA needs its payer's address, which is another test's business.
    lives = {f"address][{line}": value for line, value in PLACE.items()}
    response = await api.post(METHODS, form_of(type_, given, WHO | lives))
    assert response.status_code == 200, response.text


async def test_an_account_whose_bank_takes_no_debits_is_refused_when_the_method_is_made(api: Api) -> None:
    form = form_of("sepa_debit", {"iban": "AT511904300000066666"}, within="payment_method_data")
    before = await api.methods()
    answer = await api.post(INTENTS, f"amount=2000&currency=eur&allowed_payment_method_types[]=sepa_debit&{form}")
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (400, "sepa_debit_debits_not_supported")
    assert error["param"] == "payment_method_data[sepa_debit][iban]"
    assert await api.methods() == before
    assert (await api.get(INTENTS)).json()["data"] == []


@pytest.mark.parametrize(("type_", "name"), [(type_, name) for type_, names in BUYER.items() for name in names])
async def test_what_a_type_needs_of_its_buyer(api: Api, type_: str, name: str) -> None:
    who = {key: value for key, value in WHO.items() if key != name}
    answer = await api.post(METHODS, form_of(type_, ACCOUNTS.get(type_, {}), who))
    error, param = error_of(answer), f"billing_details[{name}]"
    assert (answer.status_code, error["code"], error["param"]) == (400, "parameter_missing", param)
    assert error["message"] == f"Missing required param: {param}."
    assert api.tokenization.accounts == []


@pytest.mark.parametrize(
    ("type_", "name"),
    [("us_bank_account", "routing_number"), ("us_bank_account", "account_number"), ("bacs_debit", "sort_code"),
     ("bacs_debit", "account_number"), ("payto", "bsb_number"), ("payto", "account_number")],
)  # fmt: skip
async def test_half_an_account_is_none(api: Api, type_: str, name: str) -> None:
    given = {key: value for key, value in ACCOUNTS[type_].items() if key != name}
    error = error_of(await api.post(METHODS, form_of(type_, given)))
    assert (error["code"], error["param"]) == ("parameter_missing", f"{type_}[{name}]")


async def test_a_linked_account_is_known_without_its_number(api: Api) -> None:
    linked = {"financial_connections_account": "fca_1"}
    assert (await api.post(METHODS, form_of("us_bank_account", linked))).status_code == 200


@pytest.mark.parametrize(
    ("version", "lines"),
    [("2026-08-26.dahlia", ("line1", "country")), ("2026-09-30.endive", ("line1", "country", "city", "postal_code"))],
)
async def test_a_debit_from_outside_the_eea_needs_its_payers_address(
    api: Api, version: str, lines: tuple[str, ...]
) -> None:
    iban = {"iban": "GB82WEST12345698765432"}
    for missing in lines:
        who = WHO | {f"address][{line}": PLACE[line] for line in lines if line != missing}
        error = error_of(await api.post(METHODS, form_of("sepa_debit", iban, who), Stripe_Version=version))
        assert (error["code"], error["param"]) == ("parameter_missing", f"billing_details[address][{missing}]")
    who = WHO | {f"address][{line}": PLACE[line] for line in lines}
    assert (await api.post(METHODS, form_of("sepa_debit", iban, who), Stripe_Version=version)).status_code == 200


async def test_a_test_taxpayer_is_none_in_live_mode(api: Api) -> None:
    await ensure_key(api.database, api.scope.account, "sk_live_bank_data", "secret", livemode=True, now=1)
    error = error_of(await api.post(METHODS, form_of("boleto", ACCOUNTS["boleto"]), key="sk_live_bank_data"))
    assert (error["code"], error["param"]) == (TAX, "boleto[tax_id]")


async def test_a_billing_country_is_a_code(api: Api) -> None:
    card = "type=card&card[token]=tok_visa&billing_details[address][country]"
    error = error_of(await api.post(METHODS, f"{card}=Germany"))
    assert error["message"].startswith(
        "Country 'Germany' is unknown. Try using a 2-character alphanumeric country code"
    )
    assert (error.get("code"), error["param"]) == (None, "billing_details[address][country]")
    made = (await api.post(METHODS, f"{card}=de")).json()
    assert made["billing_details"]["address"]["country"] == "DE"
    changed = await api.post(f"{METHODS}/{made['id']}", "billing_details[address][country]=Germany")
    assert error_of(changed)["param"] == "billing_details[address][country]"
    assert (await api.get(f"{METHODS}/{made['id']}")).json() == made


@pytest.mark.parametrize("type_", sorted(set(METHOD_TYPES) - {"card"}))
async def test_only_what_can_be_saved_is_attached(api: Api, type_: str) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    method = (await api.post(METHODS, form_of(type_, ACCOUNTS.get(type_, {})))).json()["id"]
    answer = await api.post(f"{METHODS}/{method}/attach", f"customer={customer}")
    if type_ in ATTACHABLE:
        assert answer.json()["customer"] == customer
        return
    error = error_of(answer)
    assert (answer.status_code, error.get("code"), error.get("param")) == (400, None, None)
    assert error["message"] == f"PaymentMethods of type '{type_}' cannot be saved to customers."
    assert (await api.get(f"{METHODS}/{method}")).json()["customer"] is None
    made = error_of(await api.post("/v1/customers", f"payment_method={method}"))
    assert made["message"] == error["message"]
