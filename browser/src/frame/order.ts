/** In which order types of payment method are offered: what most buyers of a currency and a country pay by, first. */

const BY_CURRENCY: Record<string, string> = {
  aud: "afterpay_clearpay payto au_becs_debit zip paypal", brl: "pix boleto", cad: "acss_debit afterpay_clearpay paypal", chf: "twint paypal",
  cny: "alipay wechat_pay", dkk: "mobilepay klarna", eur: "paypal klarna sepa_debit", gbp: "paypal klarna pay_by_bank bacs_debit",
  jpy: "paypay konbini customer_balance", krw: "kr_card kakao_pay naver_pay", mxn: "oxxo customer_balance", myr: "fpx grabpay",
  nok: "klarna mobilepay", nzd: "afterpay_clearpay nz_bank_account", pln: "blik p24 klarna", sek: "swish klarna", sgd: "paynow grabpay",
  thb: "promptpay", inr: "upi", usd: "link cashapp amazon_pay klarna affirm us_bank_account",
};
/** In a country of a currency that many share, what its people know. */
const BY_COUNTRY: Record<string, string> = {
  AT: "eps", BE: "bancontact", DE: "paypal sepa_debit klarna", ES: "bizum", FI: "mobilepay", FR: "alma", IT: "satispay scalapay", NL: "ideal",
  PT: "mb_way multibanco", PL: "blik p24",
};

/** The types that are offered: those the merchant's page names first, in its order, and then by what is usual. */
export function ordered(types: readonly string[], wanted: unknown, currency: string | undefined, country: string): readonly string[] {
  const named = Array.isArray(wanted) ? (wanted as string[]) : [];
  const usual = `card ${BY_COUNTRY[country] ?? ""} ${BY_CURRENCY[currency ?? ""] ?? ""}`.split(" ");
  const local = Object.entries(BY_COUNTRY).filter(([code]) => code !== country).flatMap(([, names]) => names.split(" "));
  const place = (type: string): number => {
    const [first, then] = [named.indexOf(type), usual.indexOf(type)];
    if (first >= 0) return first;
    if (then >= 0) return 100 + then;
    return local.includes(type) ? 300 : 200; // what is usual in another country, last
  };
  return [...types].sort((one, other) => place(one) - place(other));
}
