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

/** Every method of ours is one of theirs: a name that Stripe.js does not have is a mistake found by the compiler. */
type Ours = Exclude<keyof StripeClient, `_${string}`>;
export type EveryMethodIsTheirs = Ours extends keyof Theirs ? true : never;
export const checked: EveryMethodIsTheirs = true;
