/** `stripe.createToken()`: of a card that is typed into an element, or of an account that the merchant's page knows. */

import { ask } from "./api";
import { FramedElement, type Home } from "./element";
import { IntegrationError } from "./errors";
import type { Answer, Form } from "./protocol";

const PATH = "/v1/tokens";
const CARDS = ["card", "cardNumber"];
/** What Stripe.js makes tokens of, and this API has none of. */
const ADVICE: Record<string, string> = {
  account: "Account tokens are not offered here.",
  cvc_update: "Security codes are not asked for again here. Confirm with the saved card.",
  iban: "Tokens of IBANs are not offered here. Use stripe.createPaymentMethod() or stripe.confirmSepaDebitPayment() instead.",
  person: "Person tokens are not offered here.",
  pii: "Tokens of personal data are not offered here.",
};

/** Ask for one; `what` is an element, or the name of what the token is of. */
export async function tokenOf(home: Home, what: unknown, data: Form = {}): Promise<Answer> {
  const signed = { key: home.key, ...home.signature };
  const type = what instanceof FramedElement ? what.elementType : what;
  if (type === "bank_account") return ask(home.origin, "POST", PATH, { ...signed, bank_account: data });
  const message = ADVICE[String(type)];
  if (message) return { error: { type: "invalid_request_error", message } };
  if (!(what instanceof FramedElement) || !CARDS.includes(what.elementType)) {
    throw new IntegrationError("stripe.createToken(): the first argument should be a card Element, or 'bank_account'.");
  }
  return what.send(PATH, { ...signed, card: data }, "");
}
