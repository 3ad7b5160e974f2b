/** The two kinds of intent, which a browser confirms in the same way: one takes money, the other keeps a method. */

export interface Kind {
  /** As `…Payment` and `…Setup` end the names of methods. */
  name: "Payment" | "Setup";
  path: string;
  /** What a result calls it. */
  result: "paymentIntent" | "setupIntent";
  /** The query parameter of the page that a buyer comes back to. */
  query: "payment_intent" | "setup_intent";
}

export const PAYMENT: Kind = { name: "Payment", path: "/v1/payment_intents", result: "paymentIntent", query: "payment_intent" };
export const SETUP: Kind = { name: "Setup", path: "/v1/setup_intents", result: "setupIntent", query: "setup_intent" };

const SECRET = /^((pi|seti)_[A-Za-z0-9]+)_secret_[A-Za-z0-9]+$/;

/** The intent a client secret belongs to; undefined if it is none, or none of that kind. */
export function intentOf(secret: unknown, kind?: Kind): { id: string; kind: Kind } | undefined {
  const found = typeof secret === "string" ? SECRET.exec(secret) : null;
  if (!found?.[1]) return undefined;
  const its = found[2] === "pi" ? PAYMENT : SETUP;
  return kind && kind !== its ? undefined : { id: found[1], kind: its };
}
