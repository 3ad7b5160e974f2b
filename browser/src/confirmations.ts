/** `confirm…Payment` and `confirm…Setup` of each type of payment method, by the names that Stripe.js has for them. */

import type { Stripe as Theirs } from "@stripe/stripe-js";

type Named<End extends string> = Exclude<Extract<keyof Theirs, `confirm${string}${End}`>, `confirm${End}`>;

export const PAYMENTS: Record<Named<"Payment">, string> = {
  confirmAcssDebitPayment: "acss_debit", confirmAffirmPayment: "affirm", confirmAfterpayClearpayPayment: "afterpay_clearpay",
  confirmAlipayPayment: "alipay", confirmAuBecsDebitPayment: "au_becs_debit", confirmBancontactPayment: "bancontact",
  confirmBilliePayment: "billie", confirmBlikPayment: "blik", confirmBoletoPayment: "boleto", confirmCardPayment: "card",
  confirmCashappPayment: "cashapp", confirmCustomerBalancePayment: "customer_balance", confirmEpsPayment: "eps",
  confirmFpxPayment: "fpx", confirmGiropayPayment: "giropay", confirmGrabPayPayment: "grabpay", confirmIdealPayment: "ideal",
  confirmKlarnaPayment: "klarna", confirmKonbiniPayment: "konbini", confirmMobilepayPayment: "mobilepay",
  confirmMultibancoPayment: "multibanco", confirmOxxoPayment: "oxxo", confirmP24Payment: "p24",
  confirmPayByBankPayment: "pay_by_bank", confirmPayNowPayment: "paynow", confirmPayPalPayment: "paypal",
  confirmPixPayment: "pix", confirmPromptPayPayment: "promptpay", confirmSepaDebitPayment: "sepa_debit",
  confirmSofortPayment: "sofort", confirmTwintPayment: "twint", confirmUsBankAccountPayment: "us_bank_account",
  confirmWechatPayPayment: "wechat_pay",
};

export const SETUPS: Record<Named<"Setup">, string> = {
  confirmAcssDebitSetup: "acss_debit", confirmAmazonPaySetup: "amazon_pay", confirmAuBecsDebitSetup: "au_becs_debit",
  confirmBacsDebitSetup: "bacs_debit", confirmBancontactSetup: "bancontact", confirmBlikSetup: "blik", confirmCardSetup: "card",
  confirmCashappSetup: "cashapp", confirmIdealSetup: "ideal", confirmPayPalSetup: "paypal", confirmSepaDebitSetup: "sepa_debit",
  confirmSofortSetup: "sofort", confirmUsBankAccountSetup: "us_bank_account",
};

/** Types whose buyers are asked for something after this call by the merchant's own page. */
export const LEFT_TO_THE_MERCHANT = ["verify_with_microdeposits", "display_bank_transfer_instructions"];

/** Types of which Stripe.js asks for the account in a dialog of its own, if the merchant's page has not. */
export const ACCOUNTS: Record<string, Record<string, string>> = {
  acss_debit: { institution_number: "000", transit_number: "11000" },
  us_bank_account: { account_holder_type: "individual", routing_number: "110000000" },
};
