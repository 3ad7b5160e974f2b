/** What a buyer is asked to do next, done: a bank's page in a dialog or instead of this one, a voucher shown. */

import type { PaymentIntent, PaymentIntentResult, StripeError } from "@stripe/stripe-js";

import { ask } from "./api";
import type { Home } from "./element";
import { show } from "./modal";
import type { Answer, ApiError } from "./protocol";

/** Stripe.js's own types: what a caller written for it is handed, and the compiler holds us to. */
export type Intent = PaymentIntent;
export type Outcome = PaymentIntentResult;

/** An error of the API's, as Stripe.js types it. */
export const failed = (error: ApiError): { error: StripeError } => ({ error: error as unknown as StripeError });

/** A promise for a page that is being left. */
export const leaving = (url: string): Promise<never> => {
  location.assign(url);
  return new Promise(() => undefined);
};

export const intentIn = (answer: Answer): Outcome =>
  answer.error ? failed(answer.error) : { paymentIntent: answer.object as unknown as Intent };

export async function retrieve(home: Home, id: string, secret: string): Promise<Outcome> {
  const form = { client_secret: secret, key: home.key };
  return intentIn(await ask(home.origin, "GET", `/v1/payment_intents/${id}`, form));
}

/** Do what the intent asks for, if it asks for anything; then say how it stands. */
export async function act(home: Home, intent: Intent): Promise<Outcome> {
  const action = intent.status === "requires_action" ? intent.next_action : null;
  const details = action ? (action as unknown as Record<string, Record<string, unknown> | null>)[action.type] : null;
  if (!action || !details) return { paymentIntent: intent };
  if (action.type === "use_stripe_sdk") return challenge(home, intent, details);
  if (action.type === "redirect_to_url" || action.type === "alipay_handle_redirect") return leaving(String(details["url"]));
  const page = details["hosted_voucher_url"] ?? details["hosted_instructions_url"];
  if (typeof page === "string" && action.type !== "display_bank_transfer_instructions") {
    await show(page, "How to pay");
    return retrieve(home, intent.id, String(intent.client_secret));
  }
  return { paymentIntent: intent };
}

/** 3-D Secure in a dialog. A buyer who closes it has not authenticated: the bank is not asked any more. */
async function challenge(home: Home, intent: Intent, details: Record<string, unknown>): Promise<Outcome> {
  const { closed } = await show(String(details["stripe_js"]), "Confirm it is you");
  if (closed) {
    const form = { client_secret: String(intent.client_secret), key: home.key, source: String(details["source"]) };
    await ask(home.origin, "POST", `/v1/payment_intents/${intent.id}/source_cancel`, form);
  }
  const found = await retrieve(home, intent.id, String(intent.client_secret));
  const refused = found.paymentIntent?.status === "requires_payment_method" ? found.paymentIntent.last_payment_error : null;
  return refused ? failed({ ...refused, payment_intent: found.paymentIntent }) : found;
}
