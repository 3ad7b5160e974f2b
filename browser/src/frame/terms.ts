/** What a buyer agrees to, as the type of payment method asks for it. */

import type { About, Form } from "../protocol";
import { called } from "./methods";
import { say, type Text } from "./texts";

/** Types whose mandate is agreed to with every payment. */
const MANDATES = ["acss_debit", "au_becs_debit", "bacs_debit", "nz_bank_account", "payto", "sepa_debit", "us_bank_account"];
/** Types that can be kept for later; of these, keeping is what has to be agreed to. */
const KEPT = ["card", "amazon_pay", "bancontact", "cashapp", "ideal", "klarna", "link", "paypal", "revolut_pay", "sofort"];

const camel = (type: string): string => type.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

let host = location.hostname;

/** Whose page the frame is on, by its origin: a page without one (a file, a sandbox) is nobody's. */
export function isOn(origin: string): void {
  host = URL.canParse(origin) ? new URL(origin).hostname : host;
}

/** As the merchant's page calls itself; where it does not say, its own host. */
export const businessOf = (options: Form): string => String(((options["business"] ?? {}) as Form)["name"] ?? host);

/** Whether a type can be kept for later at all. */
export const keepable = (type: string): boolean => KEPT.includes(type) || MANDATES.includes(type);

/** The text for a type; undefined where there is nothing to agree to, or the merchant's page says it itself. */
export function terms(type: string, about: About, options: Form, saving = false): string | undefined {
  const wanted = ((options["terms"] ?? {}) as Form)[camel(type)] ?? "auto";
  if (wanted === "never") return undefined;
  const business = businessOf(options);
  if (MANDATES.includes(type)) return say(`terms_${type}` as Text, { business });
  const kept = KEPT.includes(type) && (about.kept || saving || wanted === "always");
  return kept ? say("terms_kept", { business, name: called(type) }) : undefined;
}
