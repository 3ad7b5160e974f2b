/**
 * What the merchant's page and a field's frame say to each other. A card number is in none of it: the frame, which is
 * the API's, sends it to the API itself.
 */

export type FieldType = "card" | "cardNumber" | "cardExpiry" | "cardCvc" | "iban" | "payment";

/** A form's fields, nested as the API has them. */
export type Form = { [name: string]: FormValue };
export type FormValue = string | number | boolean | null | undefined | Form | FormValue[];

/** The first message, with a port for all others. */
export interface Hello {
  perdure: "hello";
  key: string;
  type: FieldType;
  /** Which frames belong together: a number, its expiry and its security code may have a frame each. */
  group: string;
  options: Form;
  /** For the payment element: which types of payment method to offer. */
  types: string[];
}

/** A name nobody guesses; `crypto.randomUUID` is missing on pages without TLS. */
export const unguessable = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Page to frame. Each is answered by a Reply of the same id. */
export type Request =
  | { id: number; call: "send"; path: string; form: Form; place: "" | "payment_method_data"; billing?: Form }
  | { id: number; call: "validate" }
  | { id: number; call: "clear" | "focus" | "blur" | "collapse" }
  | { id: number; call: "update"; options: Form };

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
  | { event: "ready" | "focus" | "blur" | "escape" }
  | { event: "change"; detail: Record<string, unknown> }
  | { event: "height"; pixels: number };
