/** What a buyer agrees to, as the type of payment method asks for it. */

import type { About, Form } from "../protocol";
import { called } from "./methods";
import { say, type Text } from "./texts";

/** Types whose mandate is agreed to with every payment. */
const MANDATES = ["acss_debit", "au_becs_debit", "bacs_debit", "nz_bank_account", "payto", "sepa_debit", "us_bank_account"];
/** Types that can be kept for later; of these, keeping is what has to be agreed to. */
const KEPT = ["card", "amazon_pay", "bancontact", "cashapp", "ideal", "klarna", "link", "paypal", "revolut_pay", "sofort"];

const camel = (type: string): string => type.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The text for a type; undefined where there is nothing to agree to, or the merchant's page says it itself. */
export function terms(type: string, about: About, options: Form): string | undefined {
  const wanted = ((options["terms"] ?? {}) as Form)[camel(type)] ?? "auto";
  if (wanted === "never") return undefined;
  const business = String(((options["business"] ?? {}) as Form)["name"] ?? location.hostname);
  if (MANDATES.includes(type)) return say(`terms_${type}` as Text, { business });
  const kept = KEPT.includes(type) && (about.kept || wanted === "always");
  return kept ? say("terms_kept", { business, name: called(type) }) : undefined;
}
