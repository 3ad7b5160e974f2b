/** What can be said of a card while it is being typed. The bank has the last word. */

import type { ValidationError } from "../errors";
import { say, type Text } from "./texts";

export interface Brand {
  name: string;
  starts: RegExp;
  lengths: readonly number[];
  cvc: number;
}

const UNKNOWN: Brand = { name: "unknown", starts: /^/, lengths: [16, 17, 18, 19], cvc: 3 };
const BRANDS: readonly Brand[] = [
  { name: "amex", starts: /^3[47]/, lengths: [15], cvc: 4 },
  { name: "diners", starts: /^3(0[0-5]|[68])/, lengths: [14, 16], cvc: 3 },
  { name: "jcb", starts: /^35/, lengths: [16], cvc: 3 },
  { name: "visa", starts: /^4/, lengths: [16], cvc: 3 },
  { name: "mastercard", starts: /^(5[1-5]|2[2-7])/, lengths: [16], cvc: 3 },
  { name: "unionpay", starts: /^62/, lengths: [16, 17, 18, 19], cvc: 3 },
  { name: "discover", starts: /^6(011|4[4-9]|5)/, lengths: [16], cvc: 3 },
];

export const digits = (text: string): string => text.replace(/\D/g, "");

export const brandOf = (number: string): Brand => BRANDS.find((brand) => brand.starts.test(digits(number))) ?? UNKNOWN;

function luhn(number: string): boolean {
  const sum = [...number].reverse().reduce((total, digit, index) => {
    const twice = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
    return total + (twice > 9 ? twice - 9 : twice);
  }, 0);
  return sum % 10 === 0;
}

/** An error that has a text of its own. */
export const wrong = (code: Text): ValidationError => ({ type: "validation_error", code, message: say(code) });

/** Each check gives the error that a full form would have; undefined if all is well. */
export function numberError(text: string): ValidationError | undefined {
  const number = digits(text);
  const longest = Math.max(...brandOf(number).lengths);
  if (!brandOf(number).lengths.includes(number.length) && number.length < longest) {
    return wrong("incomplete_number");
  }
  return luhn(number) ? undefined : wrong("invalid_number");
}

export interface Expiry {
  month: number;
  year: number;
}

export function expiryOf(text: string): Expiry | undefined {
  const found = /^(\d{2})(\d{2}|\d{4})$/.exec(digits(text));
  if (!found) return undefined;
  const year = Number(found[2]);
  return { month: Number(found[1]), year: year < 100 ? 2000 + year : year };
}

export function expiryError(text: string, today = new Date()): ValidationError | undefined {
  const expiry = expiryOf(text);
  if (!expiry || expiry.month < 1 || expiry.month > 12) {
    return wrong("incomplete_expiry");
  }
  const year = today.getFullYear();
  if (expiry.year < year) return wrong("invalid_expiry_year_past");
  if (expiry.year > year + 50) return wrong("invalid_expiry_year");
  if (expiry.year === year && expiry.month < today.getMonth() + 1) {
    return wrong("invalid_expiry_month_past");
  }
  return undefined;
}

export function cvcError(text: string, brand: Brand | undefined): ValidationError | undefined {
  const length = digits(text).length;
  const enough = brand && brand.name !== "unknown" ? length === brand.cvc : length === 3 || length === 4;
  return enough ? undefined : wrong("incomplete_cvc");
}

/** Groups of four, or amex's. */
export function grouped(text: string): string {
  const brand = brandOf(text);
  const number = digits(text).slice(0, Math.max(...brand.lengths));
  const groups = brand.name === "amex" ? /^(\d{1,4})(\d{1,6})?(\d{1,5})?/ : /(\d{1,4})/g;
  const parts = brand.name === "amex" ? (groups.exec(number)?.slice(1) ?? []) : (number.match(groups) ?? []);
  return parts.filter(Boolean).join(" ");
}

/** `MM / YY`; a first digit above 1 is a month by itself. */
export function dated(text: string, deleting: boolean): string {
  let typed = digits(text).slice(0, 4);
  if (typed.length === 1 && typed > "1") typed = `0${typed}`;
  if (typed.length > 2) return `${typed.slice(0, 2)} / ${typed.slice(2)}`;
  return typed.length === 2 && !deleting ? `${typed} / ` : typed;
}
