/** The script a page includes: `<script src="http://localhost:8420/v3/">`. Defines `window.Stripe`. */

import type { Stripe as Theirs } from "@stripe/stripe-js";

import type { PAYMENTS, SETUPS } from "./confirmations";
import type { Refused } from "./refusals";
import { StripeClient } from "./stripe";

const script = document.currentScript as HTMLScriptElement | null;
/** Where the API is: whoever serves this script. */
const origin = new URL(script?.src ?? location.href).origin;

function Stripe(key: string, options?: ConstructorParameters<typeof StripeClient>[2]): StripeClient {
  return new StripeClient(origin, key, options);
}
Stripe.version = /\/(acacia|basil|clover|dahlia|endive)\/stripe\.js$/.exec(script?.src ?? "")?.[1] ?? 3;

(window as { Stripe?: unknown }).Stripe ??= Stripe;

/**
 * Found by the compiler: a method that takes or resolves to something else than Stripe.js's of that name. Left out are
 * those that are made by name when a client is, and those whose result depends on an argument's value.
 */
type Special = "elements" | "confirmPayment" | "confirmSetup" | "handleNextAction" | "paymentRequest" | "initCheckoutElementsSdk"
  | "initCheckoutFormSdk" | "createEmbeddedCheckoutPage" | "initializePricing";
type Ours = Exclude<keyof StripeClient, `_${string}` | Special>;
export type EveryMethodIsTheirs = StripeClient extends Pick<Theirs, Ours> ? true : never;
export const checked: EveryMethodIsTheirs = true;

/** Found by the compiler: a method of Stripe.js's that is missing. */
type Missing = Exclude<keyof Theirs, keyof StripeClient | keyof typeof PAYMENTS | keyof typeof SETUPS | Refused>;
export const complete: [Missing] extends [never] ? true : Missing = true;
