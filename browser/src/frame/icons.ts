/** Small pictures, drawn here: card brands and types of payment method, so that none is loaded from elsewhere. */

const NS = "http://www.w3.org/2000/svg";

type Shape = readonly [tag: string, attributes: Record<string, string | number>, text?: string];

const WIDTH = 32;
const HEIGHT = 22;

const rect = (fill: string): Shape => ["rect", { x: 0.5, y: 0.5, width: WIDTH - 1, height: HEIGHT - 1, rx: 4, fill, stroke: "#00000026" }];
const dot = (cx: number, fill: string, r = 6.2): Shape => ["circle", { cx, cy: 11, r, fill }];
const word = (text: string, fill: string, size = 9, more: Record<string, string | number> = {}): Shape =>
  ["text", { x: 16, y: 11 + size * 0.36, "text-anchor": "middle", "font-size": size, "font-weight": 800, fill,
             "font-family": "system-ui, sans-serif", ...more }, text];
const line = (d: string, stroke: string, width = 1.8): Shape =>
  ["path", { d, stroke, "stroke-width": width, fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round" }];

const BRANDS: Record<string, readonly Shape[]> = {
  visa: [rect("#1434cb"), word("VISA", "#fff", 9.5, { "font-style": "italic" })],
  mastercard: [rect("#fff"), dot(12.4, "#eb001b"), dot(19.6, "#f79e1b"), ["path", { d: "M16 5.9a6.2 6.2 0 0 1 0 10.2a6.2 6.2 0 0 1 0-10.2", fill: "#ff5f00" }]],
  amex: [rect("#016fd0"), word("AMEX", "#fff", 8)],
  discover: [rect("#fff"), word("DISC", "#1f1f1f", 7.5, { x: 13 }), dot(25, "#f27712", 3.6)],
  diners: [rect("#fff"), dot(16, "#0079be", 7), ["path", { d: "M14.5 6.4a5 5 0 0 0 0 9.2zM17.5 6.4a5 5 0 0 1 0 9.2z", fill: "#fff" }]],
  jcb: [rect("#fff"), ["path", { d: "M6 5h6v12H6z", fill: "#0b4ea2" }], ["path", { d: "M13 5h6v12h-6z", fill: "#d0021b" }], ["path", { d: "M20 5h6v12h-6z", fill: "#1c8a3b" }]],
  unionpay: [rect("#fff"), ["path", { d: "M8 4h7l-2 14H6z", fill: "#d7182a" }], ["path", { d: "M14 4h7l-2 14h-7z", fill: "#00447c" }], ["path", { d: "M20 4h6l-2 14h-6z", fill: "#007b84" }]],
};

/** Colours and letters that people know a method by: `[background, letters, text]`. */
const METHODS: Record<string, readonly [string, string, string?]> = {
  affirm: ["#4a4af4", "affirm"], afterpay_clearpay: ["#b2fce4", "AP", "#111"], alipay: ["#1677ff", "Ali"], alma: ["#fa5022", "alma"],
  amazon_pay: ["#232f3e", "pay", "#ff9900"], bancontact: ["#005498", "Bc"], billie: ["#1e1e1e", "B", "#ff4338"], bizum: ["#05c3dd", "biz"],
  blik: ["#111", "blik"], cashapp: ["#00d632", "$"], crypto: ["#5b5bd6", "₿"], eps: ["#c8036f", "eps"], fpx: ["#1b3a8a", "FPX"],
  giropay: ["#000268", "giro"], grabpay: ["#00b14f", "Grab"], ideal: ["#cc0066", "iD"], kakao_pay: ["#fee500", "pay", "#111"],
  klarna: ["#ffa8cd", "K.", "#111"], konbini: ["#e8590c", "店"], link: ["#00d66f", "link", "#011e0f"], mb_way: ["#d60000", "MB"],
  mobilepay: ["#5a78ff", "MP"], multibanco: ["#2b5aa5", "MB"], naver_pay: ["#03c75a", "N"], oxxo: ["#e10600", "OXXO"], p24: ["#d13239", "P24"],
  pay_by_bank: ["#0b6e4f", "⇄"], payco: ["#fa2828", "P"], paynow: ["#7c1d7b", "Now"], paypal: ["#ffc439", "PP", "#003087"],
  paypay: ["#ff0033", "PP"], pix: ["#32bcad", "pix"], promptpay: ["#003d6b", "PP"], revolut_pay: ["#191c1f", "R"],
  samsung_pay: ["#1428a0", "SP"], satispay: ["#f94c43", "S"], scalapay: ["#f7c3d0", "♥", "#5666f0"], sequra: ["#00c2a3", "sQ"],
  sofort: ["#ef809f", "SO"], sunbit: ["#ffb000", "sun", "#111"], swish: ["#ee7203", "S"], twint: ["#111", "TW"], upi: ["#097939", "UPI"],
  wechat_pay: ["#07c160", "We"], zip: ["#aa8fff", "zip", "#1a0826"],
};

const BANK: readonly Shape[] = [line("M6 9 L16 4 L26 9 Z M8 16.5 H24 M10 9.5 V16 M14 9.5 V16 M18 9.5 V16 M22 9.5 V16 M6.5 18.5 H25.5", "currentColor", 1.5)];
const CARD: readonly Shape[] = [["rect", { x: 5, y: 4, width: 22, height: 14, rx: 2.5, fill: "none", stroke: "currentColor", "stroke-width": 1.5 }],
                                line("M5 8.5 H27", "currentColor", 2.4), line("M8.5 14 H14", "currentColor", 1.5)];
const BACK: readonly Shape[] = [["rect", { x: 5, y: 4, width: 22, height: 14, rx: 2.5, fill: "none", stroke: "currentColor", "stroke-width": 1.5 }],
                                line("M5 8 H27", "currentColor", 2.6), word("123", "currentColor", 5.5, { x: 21, y: 16 })];
const BOLETO: readonly Shape[] = [line("M7 5 V17 M10 5 V17 M12 5 V17 M15.5 5 V17 M18 5 V17 M21 5 V17 M25 5 V17", "currentColor", 1.6)];
const BANKS = ["acss_debit", "au_becs_debit", "bacs_debit", "customer_balance", "nz_bank_account", "payto", "sepa_debit", "us_bank_account"];

function drawn(shapes: readonly Shape[], name: string): SVGSVGElement {
  const svg = document.createElementNS(NS, "svg");
  for (const [attribute, value] of Object.entries({ viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true", class: `icon ${name}`, focusable: "false" })) {
    svg.setAttribute(attribute, value);
  }
  for (const [tag, attributes, text] of shapes) {
    const shape = document.createElementNS(NS, tag);
    for (const [attribute, value] of Object.entries(attributes)) shape.setAttribute(attribute, String(value));
    if (text) shape.textContent = text;
    svg.append(shape);
  }
  return svg;
}

/** A card's brand; a card's outline for one that is not known. */
export const brandIcon = (brand: string): SVGSVGElement => drawn(BRANDS[brand] ?? CARD, brand);

/** Where the security code is. */
export const backIcon = (): SVGSVGElement => drawn(BACK, "back");

/** A type of payment method. */
export function methodIcon(type: string): SVGSVGElement {
  const [fill, letters, text] = METHODS[type] ?? [];
  if (fill && letters) return drawn([rect(fill), word(letters, text ?? "#fff", letters.length > 3 ? 7.5 : 9.5)], type);
  if (type === "boleto") return drawn(BOLETO, type);
  return drawn(BANKS.includes(type) ? BANK : CARD, type);
}
