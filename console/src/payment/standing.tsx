/** How a payment stands, in a word, and what it was paid with. */

import type { Json } from "../api";
import { sentence } from "../format";
import { Badge, type Tone } from "../ui/basics";

const WORDS: Record<string, [string, Tone]> = {
  requires_payment_method: ["Incomplete", "neutral"], requires_confirmation: ["Not confirmed", "neutral"], requires_action: ["Needs the buyer", "busy"],
  processing: ["Processing", "busy"], requires_capture: ["Uncaptured", "warn"], succeeded: ["Succeeded", "good"], canceled: ["Canceled", "neutral"],
};

/** What matters most of it: an outcome that is not known, a dispute, a refund, a decline, then its status. */
export function standing(payment: Json): [string, Tone] {
  if (payment.unknown_since) return ["Outcome unknown", "warn"];
  if (payment.disputed) return ["Disputed", "bad"];
  if (payment.amount_refunded > 0) return payment.amount_refunded >= payment.amount_received ? ["Refunded", "neutral"] : ["Partly refunded", "neutral"];
  if (payment.status === "requires_payment_method" && payment.failure) return ["Failed", "bad"];
  return WORDS[payment.status as string] ?? [payment.status as string, "neutral"];
}

export function Standing({ payment }: { payment: Json }) {
  const [word, tone] = standing(payment);
  return <Badge of={word} tone={tone} />;
}

/** `Visa •••• 4242`, `Klarna`. */
export function methodText(method: Json | null | undefined): string {
  if (!method) return "";
  const name = sentence((method.brand ?? method.type) as string);
  return method.last4 ? `${name} •••• ${method.last4}` : name;
}
