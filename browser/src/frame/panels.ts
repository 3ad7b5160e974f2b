/** The smaller elements, and which panel is whose. */

import type { ValidationError } from "../errors";
import type { Form, Hello, News } from "../protocol";
import { Address } from "./address";
import { banks } from "./banks";
import { CardFields } from "./card";
import { wrong } from "./cards";
import { Choice } from "./choice";
import { labelled, made, type Input } from "./fields";
import { methodIcon } from "./icons";
import { FIELDS } from "./methods";
import type { Panel } from "./panel";
import { terms } from "./terms";
import { say } from "./texts";
import { Wallets } from "./wallets";

type Make = (root: HTMLElement, changed: () => void, hello: Hello, tell: (news: News) => void) => Panel;

/** One input, and what it is worth. */
class Single implements Panel {
  constructor(
    private readonly field: Input, changed: () => void, private readonly wrongAt: (text: string) => ValidationError | undefined,
    private readonly form: (text: string) => Form, private readonly told: (text: string) => Record<string, unknown>,
  ) {
    field.input.addEventListener("input", () => {
      field.complain(undefined);
      changed();
    });
  }

  private get text(): string {
    return this.field.input.value.trim();
  }

  validate(): ValidationError | undefined {
    const error = this.wrongAt(this.text);
    this.field.complain(error?.message);
    return error;
  }

  state(): Record<string, unknown> {
    return { empty: this.text === "", complete: this.text !== "" && !this.wrongAt(this.text), ...this.told(this.text) };
  }

  data(): Form {
    return this.form(this.text);
  }

  value(): Record<string, unknown> {
    return this.state();
  }

  clear(): void {
    this.field.input.value = "";
    this.field.input.dispatchEvent(new Event("input"));
  }

  focus(): void {
    this.field.input.focus();
  }
}

/** ISO 13616: the rest of an IBAN, its first four characters moved to the end, divided by 97. */
function ibanError(text: string): ValidationError | undefined {
  const iban = text.replaceAll(" ", "").toUpperCase();
  if (iban.length < 15) return wrong("incomplete_iban");
  const numbers = [...(iban.slice(4) + iban.slice(0, 4))].map((character) => parseInt(character, 36)).join("");
  const rest = [...numbers].reduce((so, digit) => (so * 10 + Number(digit)) % 97, 0);
  return rest === 1 ? undefined : wrong("invalid_iban");
}

const iban: Make = (root, changed, { options }) => {
  const example = String(options["placeholderCountry"] ?? "DE");
  const field = labelled("IBAN", { placeholder: `${example}00 0000 0000 0000 0000 00`, autocomplete: "off", name: "iban" }, true);
  if (options["hideIcon"] !== true && options["iconStyle"]) field.input.parentElement?.prepend(methodIcon("sepa_debit"));
  root.append(field.box);
  const plain = (text: string): string => text.replaceAll(" ", "").toUpperCase();
  return new Single(field, changed, ibanError, (text) => ({ type: "sepa_debit", sepa_debit: { iban: plain(text) } }),
                    (text) => ({ country: plain(text).slice(0, 2) }));
};

const bank = (type: string): Make => (root, changed, { options }) => {
  const field = labelled(say("bank"), { name: "bank" }, true, [["", say("choose")], ...banks(type)]);
  field.input.value = String(options["value"] ?? "");
  root.append(field.box);
  const needed = type === "fpx";
  const holder = needed ? { account_holder_type: options["accountHolderType"] ?? "individual" } : {};
  const error = (text: string): ValidationError | undefined =>
    text === "" && needed ? { type: "validation_error", code: "incomplete_bank", message: say("incomplete", { field: say("bank") }) } : undefined;
  return new Single(field, changed, error, (text) => ({ type, ...(text ? { [type]: { bank: text, ...holder } } : {}) }), (text) => ({ value: text }));
};

/** BSB and account number in one line. */
const auBankAccount: Make = (root, changed) => {
  const [bsb, account] = (FIELDS["au_becs_debit"] ?? []).slice(2).map((spec) => {
    const field = labelled(say(spec.label), { placeholder: spec.example, inputmode: "numeric", autocomplete: "off", name: spec.label }, true);
    field.input.addEventListener("input", changed);
    root.append(field.box);
    return field;
  }) as [Input, Input];
  const plain = (input: Input): string => input.input.value.replaceAll(/\D/g, "");
  const error = (): ValidationError | undefined => {
    const short = plain(bsb).length !== 6 ? "bsb" : plain(account).length < 4 ? "account" : undefined;
    return short && { type: "validation_error", code: `incomplete_${short === "bsb" ? "bsb" : "account_number"}`, message: say("incomplete", { field: say(short) }) };
  };
  return {
    validate: error,
    state: () => ({ empty: !plain(bsb) && !plain(account), complete: !error(), ...(plain(bsb).length === 6 ? { bankName: "STRIPE TEST BANK", branchName: "" } : {}) }),
    data: () => ({ type: "au_becs_debit", au_becs_debit: { bsb_number: plain(bsb), account_number: plain(account) } }),
    clear: () => {
      bsb.input.value = account.input.value = "";
      changed();
    },
    focus: () => bsb.input.focus(),
  };
};

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Whoever leaves it empty pays all the same: it is asked for the merchant's sake. */
const email: Make = (root, changed, { options }) => {
  const field = labelled(say("email"), { name: "email", type: "email", autocomplete: "email", placeholder: "jenny@example.com" });
  field.input.value = String(((options["defaultValues"] ?? {}) as Form)["email"] ?? "");
  root.append(made("div", "panel", field.box));
  const error = (text: string): ValidationError | undefined => (text === "" || EMAIL.test(text) ? undefined : wrong("invalid_email"));
  return new Single(field, changed, error, () => ({}), (text) => ({ value: { email: text } }));
};

const taxId: Make = (root, changed, { options }) => {
  const given = (options["defaultValues"] ?? {}) as Form;
  const field = labelled(say("vat"), { name: "taxId", autocomplete: "off" });
  const business = labelled(say("business"), { name: "businessName", autocomplete: "organization" });
  field.input.value = String(given["taxId"] ?? "");
  business.input.value = String(given["businessName"] ?? "");
  business.input.addEventListener("input", changed);
  root.append(made("div", "panel", business.box, field.box));
  const type = given["taxIdType"] ?? "eu_vat";
  return new Single(field, changed, () => undefined, () => ({}), (text) =>
    ({ visible: true, value: { businessName: business.input.value, taxId: text, taxIdType: type, externalTaxIdType: type } }));
};

/** An element of which there is nothing to see, or nothing to type. */
const shown = (...inside: (Node | string)[]): Make => (root) => {
  if (inside.length) root.append(made("p", "note", ...inside));
  return { validate: () => undefined, state: () => ({ empty: true, complete: true }), clear: () => undefined, focus: () => undefined };
};

const agreed: Make = (root, changed, hello, tell) => {
  const text = hello.about.types.map((type) => terms(type, hello.about, hello.options)).find(Boolean);
  return shown(...(text ? [text] : []))(root, changed, hello, tell);
};

/** What a shop says beside a price: that it can be paid in parts. */
const messaging = (fixed?: string): Make => (root, changed, hello, tell) => {
  const asked = (hello.options["paymentMethodTypes"] ?? hello.options["paymentMethods"] ?? ["klarna", "afterpay_clearpay"]) as string[];
  const types = fixed ? [fixed] : asked;
  const icons = types.map((type) => methodIcon(type));
  return shown(...icons, say("later", { name: types.map((type) => ({ afterpay_clearpay: "Afterpay", affirm: "Affirm", klarna: "Klarna" })[type] ?? type).join(", ") }))(root, changed, hello, tell);
};

const nothing = shown();
const card: Make = (root, changed, { type, options }) => new CardFields(type, root, changed, options);
const address: Make = (root, changed, { options, locale }) => new Address(root, changed, options, locale);
const payment: Make = (root, changed, { about, options, locale }, tell) => new Choice(root, about, changed, options, locale, tell);

const MAKE: Partial<Record<Hello["type"], Make>> = {
  address, shippingAddress: (root, changed, { options, locale }) => new Address(root, changed, { ...options, mode: "shipping" }, locale),
  affirmMessage: messaging("affirm"), afterpayClearpayMessage: messaging("afterpay_clearpay"), paymentMethodMessaging: messaging(),
  auBankAccount, card, cardNumber: card, cardExpiry: card, cardCvc: card, contactDetails: email, linkAuthentication: email, linkSignup: email,
  epsBank: bank("eps"), fpxBank: bank("fpx"), idealBank: bank("ideal"), p24Bank: bank("p24"), iban, payment, paymentForm: payment, taxId, terms: agreed,
  expressCheckout: (root, _, { about, options }, tell) => new Wallets(root, about, options, tell),
};

/** The panel of an element. */
export const panelOf = (hello: Hello): Make => MAKE[hello.type] ?? nothing;
