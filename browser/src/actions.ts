/** What a buyer is asked to do next, done: a bank's page in a dialog or instead of this one, a voucher shown. */

import type { PaymentIntent, SetupIntent, StripeError } from "@stripe/stripe-js";

import { ask } from "./api";
import { LEFT, type Home } from "./element";
import { intentOf, type Kind } from "./kinds";
import { show } from "./modal";
import type { Answer, ApiError } from "./protocol";

/** Stripe.js's own types: what a caller written for it is handed, and the compiler holds us to. */
export type Intent = PaymentIntent | SetupIntent;
/** A result of Stripe.js's: one of the intents, or an error. */
export interface Outcome {
  paymentIntent?: PaymentIntent;
  setupIntent?: SetupIntent;
  error?: StripeError;
}

/** How often a buyer's bank, which asks them in an app, is waited for; and how long. */
const POLL_MS = 1_000;
const POLL_MS_MAX = 60_000;
/** So long a confirmation may be on its way. */
const SETTLE_MS_MAX = 10_000;

/** An error of the API's, as Stripe.js types it. */
export const failed = (error: ApiError): { error: StripeError } => ({ error: error as unknown as StripeError });

/** A promise for a page that is being left. */
export const leaving = (url: string): Promise<never> => {
  location.assign(url);
  return new Promise(() => undefined);
};

export const intentIn = (kind: Kind, answer: Answer): Outcome =>
  answer.error ? failed(answer.error) : { [kind.result]: answer.object };

/** The intent of a result. */
export const found = (outcome: Outcome): Intent | undefined => outcome.paymentIntent ?? outcome.setupIntent;

export async function retrieve(home: Home, secret: string): Promise<Outcome> {
  const intent = intentOf(secret);
  if (!intent) return failed({ type: "invalid_request_error", message: "This is no client secret." });
  const form = { client_secret: secret, key: home.key, ...home.signature };
  return intentIn(intent.kind, await ask(home.origin, "GET", `${intent.kind.path}/${intent.id}`, form));
}

/**
 * What became of a confirmation whose element left the page: the request is on its way all the same, so the intent is looked
 * at until it has moved, or it is clear enough that it does not.
 */
export async function settled(home: Home, kind: Kind, secret: string, answer: Answer): Promise<Outcome> {
  if (answer.error !== LEFT) return intentIn(kind, answer);
  const until = performance.now() + SETTLE_MS_MAX;
  while (performance.now() < until) {
    const outcome = await retrieve(home, secret);
    if (!["requires_payment_method", "requires_confirmation"].includes(found(outcome)?.status ?? "")) return outcome;
    await new Promise((tick) => setTimeout(tick, POLL_MS));
  }
  return failed(LEFT);
}

/** Do what the intent asks for, if it asks for anything; then say how it stands. */
export async function act(home: Home, kind: Kind, intent: Intent): Promise<Outcome> {
  const as = { [kind.result]: intent } as Outcome;
  const action = intent.status === "requires_action" ? intent.next_action : null;
  const details = action ? (action as unknown as Record<string, Record<string, unknown> | null>)[action.type] : null;
  if (!action || !details) return as;
  if (action.type === "use_stripe_sdk") return challenge(home, kind, intent, details);
  if (action.type === "redirect_to_url" || action.type === "alipay_handle_redirect") return leaving(String(details["url"]));
  if (action.type === "blik_authorize") return authorized(home, String(intent.client_secret), as);
  const page = details["hosted_voucher_url"] ?? details["hosted_instructions_url"];
  if (typeof page === "string") {
    await show(page, "How to pay");
    return retrieve(home, String(intent.client_secret));
  }
  return as;
}

/** The bank asks the buyer in its own app: wait for what they say, as long as its code is good. */
async function authorized(home: Home, secret: string, first: Outcome): Promise<Outcome> {
  const until = performance.now() + POLL_MS_MAX;
  let outcome = first;
  while (found(outcome)?.status === "requires_action" && performance.now() < until) {
    await new Promise((tick) => setTimeout(tick, POLL_MS));
    const asked = await retrieve(home, secret);
    if (!asked.error) outcome = asked;
  }
  return refused(outcome);
}

/** 3-D Secure in a dialog. A buyer who closes it has not authenticated: the bank is not asked any more. */
async function challenge(home: Home, kind: Kind, intent: Intent, details: Record<string, unknown>): Promise<Outcome> {
  const { closed } = await show(String(details["stripe_js"]), "Confirm it is you");
  if (closed) {
    const source = String(details["source"]);
    const form = { client_secret: String(intent.client_secret), key: home.key, ...home.signature, source };
    await ask(home.origin, "POST", `${kind.path}/${intent.id}/source_cancel`, form);
  }
  return refused(await retrieve(home, String(intent.client_secret)));
}

/** An intent that failed is an error to whoever confirmed it. */
function refused(outcome: Outcome): Outcome {
  const intent = found(outcome);
  if (intent?.status !== "requires_payment_method") return outcome;
  const { last_payment_error: last } = (outcome.paymentIntent ?? {}) as Partial<PaymentIntent>;
  const why = last ?? outcome.setupIntent?.last_setup_error;
  const which = outcome.paymentIntent ? { payment_intent: intent } : { setup_intent: intent };
  return why ? failed({ ...(why as unknown as ApiError), ...which }) : outcome;
}
