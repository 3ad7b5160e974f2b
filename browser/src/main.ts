/** The script a page includes: `<script src="http://localhost:8420/v3/">`. Defines `window.Stripe`. */

import type { Stripe as Theirs } from "@stripe/stripe-js";

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
 * Found by the compiler: a method that Stripe.js does not have, or one that takes or resolves to something else. Two are
 * left out: what `elements()` gives takes more than theirs, and `confirmPayment` has its result by an argument's value.
 */
type Ours = Exclude<keyof StripeClient, `_${string}` | "elements" | "confirmPayment">;
export type EveryMethodIsTheirs = StripeClient extends Pick<Theirs, Ours> ? true : never;
export const checked: EveryMethodIsTheirs = true;
