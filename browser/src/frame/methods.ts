/** The types of payment method: what they are called, and what a buyer types for each. */

import { banks } from "./banks";
import type { Choices } from "./fields";
import { countryName, say, type Text } from "./texts";

export interface FieldSpec {
  /** Where in the form it goes: in `payment_method_data`, or beside it as `payment_method_options`. */
  path: readonly string[];
  label: Text;
  example: string;
  autocomplete?: AutoFill;
  numeric?: boolean;
  /** May be left empty. */
  optional?: boolean;
  choices?: () => Choices;
}

const NAME: FieldSpec = { path: ["billing_details", "name"], label: "name", example: "Jenny Rosen", autocomplete: "name" };
const EMAIL: FieldSpec = { path: ["billing_details", "email"], label: "email", example: "jenny@example.com", autocomplete: "email" };

const own = (type: string, name: string, label: Text, example: string, numeric = true): FieldSpec =>
  ({ path: [type, name], label, example, numeric });
const bank = (type: string, optional: boolean): FieldSpec =>
  ({ path: [type, "bank"], label: "bank", example: "", optional, choices: () => [["", say("choose")], ...banks(type)] });
const HOLDER: FieldSpec = { path: ["us_bank_account", "account_holder_type"], label: "holder", example: "",
                            choices: () => [["individual", say("individual")], ["company", say("company")]] };
const SOFORT = ["DE", "AT", "BE", "ES", "IT", "NL"];

export const FIELDS: Record<string, readonly FieldSpec[]> = {
  acss_debit: [NAME, EMAIL, own("acss_debit", "institution_number", "institution", "000"),
               own("acss_debit", "transit_number", "transit", "11000"),
               own("acss_debit", "account_number", "account", "000123456789")],
  au_becs_debit: [NAME, EMAIL, own("au_becs_debit", "bsb_number", "bsb", "000000"),
                  own("au_becs_debit", "account_number", "account", "000123456")],
  bacs_debit: [NAME, EMAIL, own("bacs_debit", "sort_code", "sort", "108800"),
               own("bacs_debit", "account_number", "account", "00012345")],
  blik: [{ path: ["payment_method_options", "blik", "code"], label: "blik", example: "123456", numeric: true, autocomplete: "one-time-code" }],
  boleto: [NAME, EMAIL, own("boleto", "tax_id", "tax_id", "000.000.000-00", false)],
  eps: [bank("eps", true)],
  fpx: [bank("fpx", false)],
  konbini: [NAME, EMAIL],
  multibanco: [EMAIL],
  nz_bank_account: [NAME, EMAIL, own("nz_bank_account", "bank_code", "bank_code", "11"),
                    own("nz_bank_account", "branch_code", "branch_code", "0000"),
                    own("nz_bank_account", "account_number", "account", "0000000"),
                    own("nz_bank_account", "suffix", "suffix", "010")],
  oxxo: [NAME, EMAIL],
  p24: [EMAIL, bank("p24", true)],
  promptpay: [EMAIL],
  payto: [NAME, EMAIL, own("payto", "pay_id", "pay_id", "buyer@example.com", false)],
  sepa_debit: [NAME, EMAIL, own("sepa_debit", "iban", "iban", "DE89370400440532013000", false)],
  sofort: [{ path: ["sofort", "country"], label: "country", example: "", choices: () => SOFORT.map((code) => [code, countryName(code)]) }],
  us_bank_account: [NAME, EMAIL, HOLDER, own("us_bank_account", "routing_number", "routing", "110000000"),
                    own("us_bank_account", "account_number", "account", "000123456789")],
};

/** What happens after this step, for types of which nothing, or little, is typed here. */
const VOUCHERS = ["boleto", "konbini", "multibanco", "oxxo"];
const CODES = ["cashapp", "paynow", "pix", "promptpay", "swish", "upi", "wechat_pay"];

export function after(type: string): string | undefined {
  if (type === "blik") return say("after_blik");
  if (type === "customer_balance") return say("after_transfer");
  if (VOUCHERS.includes(type)) return say("after_voucher", { name: called(type) });
  if (CODES.includes(type)) return say("after_code");
  const typed = (FIELDS[type] ?? []).some((spec) => spec.path[0] === type && spec.path[1] !== "bank" && type !== "sofort");
  return typed || type === "card" ? undefined : say("after_redirect", { name: called(type) });
}

const TRANSLATED: readonly Text[] = ["card", "customer_balance", "us_bank_account", "pay_by_bank"];

const CALLED: Record<string, string> = {
  acss_debit: "Pre-authorized debit (Canada)", afterpay_clearpay: "Afterpay", au_becs_debit: "BECS Direct Debit",
  bacs_debit: "Bacs Direct Debit", blik: "BLIK", cashapp: "Cash App Pay", eps: "EPS", fpx: "FPX", grabpay: "GrabPay",
  ideal: "iDEAL", kr_card: "Korean cards", mb_way: "MB WAY", mobilepay: "MobilePay", nz_bank_account: "Bank debit (New Zealand)",
  oxxo: "OXXO", p24: "Przelewy24", paynow: "PayNow", paypal: "PayPal", paypay: "PayPay", payto: "PayTo", promptpay: "PromptPay",
  sepa_debit: "SEPA Direct Debit", sequra: "seQura", twint: "TWINT", upi: "UPI", wechat_pay: "WeChat Pay",
};

export function called(type: string): string {
  const text = TRANSLATED.find((name) => name === type);
  if (text) return say(text);
  return CALLED[type] ?? type.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
}
