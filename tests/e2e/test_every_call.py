"""Every method and element of the newest stripe-js, by the package's own types: each is right, or answers with an error
of Stripe's shape that says what to use. Never a TypeError, and never a blank page.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.test_browser_library import ESBUILD, MODULES, page, shop  # noqa: F401
from tests.e2e.test_in_browser import CHROMIUM, browser  # noqa: F401

TYPES = MODULES / "@stripe" / "stripe-js" / "dist" / "stripe-js"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package `chromium` has it"),
    pytest.mark.skipif(not ESBUILD.exists(), reason="npm ci was not run in browser/"),
]

OLDER = ("createSource", "retrieveSource", "redirectToCheckout")
"""Of Stripe.js before 10: pages still call them."""


def methods() -> list[str]:
    """Of `Stripe`, as its types have them."""
    said = (TYPES / "stripe.d.ts").read_text()
    body = said[said.index("export interface Stripe {") : said.index("export type PaymentIntentResult")]
    return sorted(set(re.findall(r"^  ([a-zA-Z]+)\(", body, re.M)))


def elements() -> list[str]:
    said = (TYPES / "elements-group.d.ts").read_text()
    union = said[said.index("export type StripeElementType") :].split(";")[0]
    return re.findall(r"'(\w+)'", union)


CALL = """async ([name, secrets]) => {
    const kind = name.endsWith("Setup") || name === "retrieveSetupIntent" ? "setup" : "payment";
    const group = stripe.elements({clientSecret: secrets[kind]});
    const whole = {clientSecret: secrets[kind], elements: group, redirect: "if_required",
                   confirmParams: {return_url: "https://shop.example"},
                   params: {payment_method_type: "us_bank_account", payment_method_data: {billing_details: {}}}};
    const taking = /^(confirm(Payment|Setup)|processOrder|handleNextAction|elements|(collect|create|init|payment).*)$/;
    const first = taking.test(name) ? whole : secrets[kind];
    try {
        const data = {payment_method: "pm_card_visa", return_url: "https://shop.example"};
        const answer = await stripe[name](first, data, {handleActions: false});
        return {keys: Object.keys(answer ?? {}), message: answer?.error?.message ?? ""};
    } catch (error) {
        return {thrown: error.name, message: error.message};
    }
}"""

SECRETS = {"setup": "seti_1nobody_secret_none"}


@pytest.mark.parametrize("name", [*methods(), *OLDER] if TYPES.exists() else [])
def test_each_method_answers(sdk: Any, page: Page, name: str) -> None:  # noqa: F811
    made = sdk.v1.payment_intents.create({"amount": 1099, "currency": "usd"})
    answer = page.evaluate(CALL, [name, {**SECRETS, "payment": made.client_secret}])
    assert answer.get("thrown") in (None, "IntegrationError"), answer
    if answer.get("thrown") or "error" in answer["keys"]:
        assert " " in answer["message"], "a sentence"
        assert "is not a function" not in answer["message"]


NEEDS = {"address": {"mode": "shipping"}, "paymentMethodMessaging": {"amount": 5000, "currency": "USD"}}


@pytest.mark.parametrize("name", elements() if TYPES.exists() else [])
def test_each_element_mounts_and_is_ready(page: Page, name: str) -> None:  # noqa: F811
    ready = page.evaluate(
        """([name, options]) => new Promise((resolve) => {
        const paymentMethodTypes = ["card", "klarna"];
        const group = stripe.elements({mode: "payment", amount: 5000, currency: "usd", paymentMethodTypes});
        const element = group.create(name, options);
        element.on("ready", resolve);
        element.on("loaderror", resolve);
        element.mount("#box");
    })""",
        [name, NEEDS.get(name, {})],
    )
    assert ready["elementType"] == name
    if name.startswith("issuing"):
        assert "not offered" in ready["error"]["message"]
    page.evaluate("() => document.querySelector('#box').replaceChildren()")


REACT = """
import React from "react";
import { createRoot } from "react-dom/client";
import { loadStripe } from "@stripe/stripe-js/pure";
import * as all from "@stripe/react-stripe-js";

const options = {
  AddressElement: { mode: "shipping" }, PaymentMethodMessagingElement: { amount: 5000, currency: "USD" },
};

function Every() {
  const [stripe, elements] = [all.useStripe(), all.useElements()];
  window.hooks = [Boolean(stripe), Boolean(elements)];
  return names.map((name) => React.createElement("section", { key: name },
    React.createElement(all[name], { options: options[name] ?? {}, onReady: () => window.ready.add(name) })));
}

const names = Object.keys(all).filter((name) => name.endsWith("Element"));
window.names = names;
window.ready = new Set();
window.start = () => {
  const how = { mode: "payment", amount: 5000, currency: "usd", paymentMethodTypes: ["card", "klarna", "paypal"] };
  const given = { stripe: loadStripe("pk_test_perdure"), options: how };
  createRoot(document.querySelector("#box")).render(
    React.createElement(all.Elements, given, React.createElement(Every)));
};
"""


def test_each_react_component_mounts(page: Page, tmp_path: Path) -> None:  # noqa: F811
    source, bundle = tmp_path / "app.js", tmp_path / "bundle.js"
    source.write_text(REACT)
    production = "--define:process.env.NODE_ENV='production'"
    command = [str(ESBUILD), str(source), "--bundle", f"--outfile={bundle}", production]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "NODE_PATH": str(MODULES)})  # noqa: TID251
    page.add_script_tag(content=bundle.read_text())
    page.evaluate("() => start()")
    page.wait_for_function("() => window.hooks?.every(Boolean)")
    names = page.evaluate("() => names")
    assert {"AddressElement", "ExpressCheckoutElement", "PaymentElement", "LinkAuthenticationElement"} <= set(names)
    page.wait_for_function("() => document.querySelectorAll('section iframe').length === names.length")
    page.wait_for_function(
        "() => ['AddressElement', 'ExpressCheckoutElement', 'PaymentElement'].every((n) => ready.has(n))"
    )
