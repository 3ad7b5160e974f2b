/** The types of payment method: what they are called, and what a buyer types for each. */

export interface FieldSpec {
  /** Where in `payment_method_data` it goes. */
  path: readonly string[];
  label: string;
  example: string;
  autocomplete?: AutoFill;
  numeric?: boolean;
  choices?: readonly string[];
}

const NAME: FieldSpec = { path: ["billing_details", "name"], label: "Full name", example: "Jenny Rosen", autocomplete: "name" };
const EMAIL: FieldSpec = { path: ["billing_details", "email"], label: "Email", example: "jenny@example.com", autocomplete: "email" };

const own = (type: string, name: string, label: string, example: string, numeric = true): FieldSpec =>
  ({ path: [type, name], label, example, numeric });

export const FIELDS: Record<string, readonly FieldSpec[]> = {
  acss_debit: [NAME, EMAIL, own("acss_debit", "institution_number", "Institution number", "000"),
               own("acss_debit", "transit_number", "Transit number", "11000"),
               own("acss_debit", "account_number", "Account number", "000123456789")],
  au_becs_debit: [NAME, EMAIL, own("au_becs_debit", "bsb_number", "BSB", "000000"),
                  own("au_becs_debit", "account_number", "Account number", "000123456")],
  bacs_debit: [NAME, EMAIL, own("bacs_debit", "sort_code", "Sort code", "108800"),
               own("bacs_debit", "account_number", "Account number", "00012345")],
  boleto: [NAME, EMAIL, own("boleto", "tax_id", "CPF or CNPJ", "000.000.000-00", false)],
  fpx: [{ path: ["fpx", "bank"], label: "Bank", example: "", choices: ["maybank2u", "cimb", "public_bank", "rhb", "hong_leong_bank"] }],
  konbini: [NAME, EMAIL],
  multibanco: [EMAIL],
  nz_bank_account: [NAME, EMAIL, own("nz_bank_account", "bank_code", "Bank code", "11"),
                    own("nz_bank_account", "branch_code", "Branch code", "0000"),
                    own("nz_bank_account", "account_number", "Account number", "0000000"),
                    own("nz_bank_account", "suffix", "Suffix", "010")],
  oxxo: [NAME, EMAIL],
  p24: [EMAIL],
  promptpay: [EMAIL],
  payto: [NAME, EMAIL, own("payto", "pay_id", "PayID", "buyer@example.com", false)],
  sepa_debit: [NAME, EMAIL, own("sepa_debit", "iban", "IBAN", "DE89370400440532013000", false)],
  sofort: [{ path: ["sofort", "country"], label: "Country", example: "", choices: ["DE", "AT", "BE", "ES", "IT", "NL"] }],
  us_bank_account: [NAME, EMAIL,
                    { path: ["us_bank_account", "account_holder_type"], label: "Account holder", example: "", choices: ["individual", "company"] },
                    own("us_bank_account", "routing_number", "Routing number", "110000000"),
                    own("us_bank_account", "account_number", "Account number", "000123456789")],
};

const CALLED: Record<string, string> = {
  acss_debit: "Pre-authorized debit (Canada)", afterpay_clearpay: "Afterpay", au_becs_debit: "BECS Direct Debit",
  bacs_debit: "Bacs Direct Debit", blik: "BLIK", cashapp: "Cash App Pay", customer_balance: "Bank transfer", eps: "EPS",
  fpx: "FPX", grabpay: "GrabPay", ideal: "iDEAL", mb_way: "MB WAY", mobilepay: "MobilePay",
  nz_bank_account: "Bank debit (New Zealand)", oxxo: "OXXO", p24: "Przelewy24", paynow: "PayNow", paypal: "PayPal",
  paypay: "PayPay", payto: "PayTo", promptpay: "PromptPay", sepa_debit: "SEPA Direct Debit", twint: "TWINT", upi: "UPI",
  us_bank_account: "US bank account", wechat_pay: "WeChat Pay",
};

export const called = (type: string): string =>
  CALLED[type] ?? type.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
