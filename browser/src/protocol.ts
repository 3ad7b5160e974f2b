/**
 * What the merchant's page and a field's frame say to each other. A card number is in none of it: the frame, which is
 * the API's, sends it to the API itself.
 */

/** Every name that `elements.create()` takes: those of Stripe.js 10, and four of older ones that its samples still use. */
export const FIELD_TYPES = [
  "address", "affirmMessage", "afterpayClearpayMessage", "auBankAccount", "card", "cardCvc", "cardExpiry", "cardNumber",
  "contactDetails", "currencySelector", "epsBank", "expressCheckout", "fpxBank", "iban", "idealBank",
  "issuingAddToWalletButton", "issuingCardCopyButton", "issuingCardCvcDisplay", "issuingCardExpiryDisplay",
  "issuingCardNumberDisplay", "issuingCardPinDisplay", "linkAuthentication", "linkSignup", "p24Bank", "payment",
  "paymentForm", "paymentMethodMessaging", "paymentRequestButton", "shippingAddress", "taxId", "terms",
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** A form's fields, nested as the API has them. */
export type Form = { [name: string]: FormValue };
export type FormValue = string | number | boolean | null | undefined | Form | FormValue[];

/** What there is to pay, as far as an element has to know. */
export interface About {
  /** Types of payment method on offer. */
  types: string[];
  /** In the currency's smallest unit. */
  amount?: number;
  currency?: string;
  /** Whether the method is kept for later, which its buyer has to be told. */
  kept: boolean;
  /** Who pays, where the merchant's page has a session of theirs. */
  customer?: Customer;
  /** There is nothing to pay any more, and why. */
  ended?: "succeeded" | "canceled" | "processing" | "kept";
}

/** A customer, as far as their session allows it. */
export interface Customer {
  /** Of the session; it goes with whatever is done with what is theirs. */
  secret: string;
  /** Sent with every request: the key, and which account and version. */
  signed: Form;
  /** What they have kept, in the order in which it is shown. */
  methods: Saved[];
  /** Whether they may remove one of these. */
  removes: boolean;
  /** Whether they are asked if a new one is to be kept. */
  saves: boolean;
  /** What a payment keeps it for, if nothing else says so. */
  usage?: string;
}

/** A method that a customer has kept: Stripe's object, as far as it is shown. */
export interface Saved {
  id: string;
  type: string;
  billing_details: Form;
  [details: string]: FormValue;
}

/** The first message, with a port for all others. */
export interface Hello {
  perdure: "hello";
  key: string;
  type: FieldType;
  /** Which frames belong together: a number, its expiry and its security code may have a frame each. */
  group: string;
  options: Form;
  about: About;
  /** As Stripe.js has it: `auto`, or a language with or without its country. */
  locale: string;
  /** Why there is nothing to pay: shown instead of the form. */
  error?: ApiError;
}

/** A name nobody guesses; `crypto.randomUUID` is missing on pages without TLS. */
export const unguessable = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Where what was typed goes in a form. */
export type Place = "" | "payment_method_data";

/** Page to frame. Each is answered by a Reply of the same id. */
export type Request =
  | { id: number; call: "send"; path: string; form: Form; place: Place }
  | { id: number; call: "validate" | "value" }
  | { id: number; call: "clear" | "focus" | "blur" | "collapse" }
  | { id: number; call: "update"; options: Form; about?: About };

export interface Reply {
  id: number;
  answer: Answer;
}

/** The API's answer: an object of its own, or an error in its shape. */
export interface Answer {
  object?: Record<string, unknown>;
  error?: ApiError;
}

export interface ApiError {
  type: string;
  code?: string;
  message?: string;
  param?: string;
  [more: string]: unknown;
}

/** Frame to page, unasked. */
export type News =
  | { event: "focus" | "blur" | "escape" }
  | { event: "ready" | "change" | "click" | "savedpaymentmethodremove"; detail: Record<string, unknown> }
  | { event: "height"; pixels: number };
