/** The filters of the list of payments: in the address, so that a view can be kept, sent and come back to. */

import type { Form } from "../api";
import { fromField, minor } from "../format";

export const TABS: [string, string][] = [
  ["all", "All"], ["succeeded", "Succeeded"], ["refunded", "Refunded"], ["disputed", "Disputed"], ["failed", "Failed"], ["uncaptured", "Uncaptured"],
  ["processing", "Processing"], ["action", "Needs the buyer"], ["incomplete", "Incomplete"], ["canceled", "Canceled"], ["unknown", "Outcome unknown"],
];

export const FILTERS: [string, string][] = [
  ["text", "Search"], ["currency", "Currency"], ["from", "Amount from"], ["to", "Amount to"], ["since", "Created from"], ["until", "Created before"],
  ["method", "Method"], ["gateway", "Gateway"], ["last4", "Last 4"], ["email", "E-mail"], ["customer", "Customer"], ["key", "Metadata key"], ["value", "Metadata value"],
];

export const METHODS: [string, string][] = [
  ["", "Any"], ["card", "Any card"], ...["visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay"].map((brand): [string, string] => [brand, `Card: ${brand}`]),
  ...["us_bank_account", "sepa_debit", "ideal", "bancontact", "klarna", "paypal", "blik", "p24", "eps", "customer_balance", "boleto", "oxxo", "pix", "affirm",
      "afterpay_clearpay", "amazon_pay", "cashapp", "revolut_pay", "swish", "twint", "alipay", "wechat_pay"].map((type): [string, string] => [type, type.replaceAll("_", " ")]),
];

/** Amounts without a currency are taken as of one with two digits. */
const scaleOf = (currency: string | undefined): string => (currency && /^[a-z]{3}$/i.test(currency) ? currency.toLowerCase() : "usd");

/** What is wrong with a filter, if anything. */
export function fault(name: string, value: string, currency: string | undefined): string | undefined {
  if (!value) return undefined;
  if ((name === "from" || name === "to") && minor(value, scaleOf(currency)) === undefined) return "Type an amount, like 1250.00.";
  if (name === "last4" && !/^[0-9A-Za-z]{2,4}$/.test(value)) return "The last four digits.";
  if (name === "currency" && !/^[A-Za-z]{3}$/.test(value)) return "Three letters, like eur.";
  return undefined;
}

/** What the API is asked for a view. What is no amount is for the API to refuse: nothing is guessed. */
export function asked(search: URLSearchParams): Form {
  const value = (name: string): string | undefined => search.get(name) || undefined;
  const currency = value("currency")?.toLowerCase();
  const amount = (name: string): string | number | undefined => {
    const typed = value(name);
    return typed && (minor(typed, scaleOf(currency)) ?? typed);
  };
  const [since, until, key] = [value("since"), value("until"), value("key")];
  return {
    text: value("text"), currency, method: value("method"), gateway: value("gateway"), last4: value("last4"), email: value("email"), customer: value("customer"),
    amount: { gte: amount("from"), lte: amount("to") },
    created: { gte: since && fromField(`${since}T00:00:00`), lt: until && fromField(`${until}T00:00:00`) },
    metadata: key && value("value") ? { [key]: value("value") } : undefined,
  };
}
