"""Axe looks at every hosted page, by day and by night; shop, dashboard and fields have theirs beside them."""

from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser

from api.pages import bank_accounts
from tests.e2e.axe import AXE, at_each_width
from tests.e2e.conftest import Running
from tests.e2e.test_bank_transfers import asked as transfer_asked
from tests.e2e.test_bank_transfers import customer_of
from tests.e2e.test_browser_library import watched
from tests.e2e.test_families import confirmed
from tests.e2e.test_in_browser import CHROMIUM, browser, challenged  # noqa: F401
from tests.e2e.test_vouchers import page_of, shown

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it"),
    pytest.mark.skipif(not AXE.exists(), reason="npm ci was not run in browser/"),
]


COLOURS: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def challenge(client: Any) -> str:
    return str(challenged(client, "https://shop.example/").next_action.redirect_to_url.url)


def microdeposits(client: Any) -> str:
    action = confirmed(client, "us_bank_account").next_action
    return str(action.verify_with_microdeposits.hosted_verification_url)


def linking(client: Any) -> str:
    """The page that `collectBankAccountForPayment` shows."""
    return microdeposits(client).partition("/microdeposits")[0] + bank_accounts.PATH


def transfer(client: Any) -> str:
    action = transfer_asked(client, customer_of(client)).next_action
    return str(action.display_bank_transfer_instructions.hosted_instructions_url)


def voucher(client: Any) -> str:
    return str(page_of(shown(client, "oxxo")))


def code(client: Any) -> str:
    return str(page_of(shown(client, "pix")))


def receipt(client: Any) -> str:
    form = {"amount": 1099, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    paid = client.v1.payment_intents.create({**form, "expand": ["latest_charge"]})
    return str(paid.latest_charge.receipt_url)


def home(client: Any) -> str:
    """The API's first page."""
    return linking(client).partition("/bank_accounts")[0] + "/"


PAGES = (challenge, microdeposits, linking, transfer, voucher, code, receipt, home)


@pytest.mark.parametrize("page_for", PAGES)
def test_no_serious_fault(
    running: Running,
    browser: Browser,  # noqa: F811
    page_for: Callable[[Any], str],
) -> None:
    with watched(browser, page_for(running.client())) as page:
        page.evaluate(AXE.read_text())
        for colours in COLOURS:
            page.emulate_media(color_scheme=colours)
            assert at_each_width(page) == [], colours
