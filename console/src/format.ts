/** How amounts, times and names are written. */

const LANGUAGE = navigator.language;
const formats = new Map<string, Intl.NumberFormat>();

/** Of Stripe's amounts. Browsers round forints and others to whole ones, and would be wrong by a hundred. */
const ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" ");
const THREE_DECIMAL = "bhd jod kwd omr tnd".split(" ");
export const digitsOf = (currency: string): number => (ZERO_DECIMAL.includes(currency) ? 0 : THREE_DECIMAL.includes(currency) ? 3 : 2);

function formatOf(currency: string): Intl.NumberFormat {
  const digits = digitsOf(currency);
  let found = formats.get(currency);
  if (!found) formats.set(currency, (found = new Intl.NumberFormat(LANGUAGE, { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits })));
  return found;
}

/** Minor units as people write them. */
export const money = (amount: number, currency: string): string => formatOf(currency).format(amount / 10 ** digitsOf(currency));

/** What somebody has typed, in minor units; undefined if it is no amount of this currency. */
export function minor(typed: string, currency: string): number | undefined {
  const digits = digitsOf(currency);
  const match = /^([0-9]{1,12})(?:[.,]([0-9]{1,3}))?$/.exec(typed.trim());
  if (!match || (match[2]?.length ?? 0) > digits) return undefined;
  return Number(match[1] + (match[2] ?? "").padEnd(digits, "0"));
}

/** Minor units as they are typed: without signs and groups. */
export const typed = (amount: number, currency: string): string => (amount / 10 ** digitsOf(currency)).toFixed(digitsOf(currency));

const TIME: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "medium" };
export const when = (seconds: number): string => new Date(seconds * 1000).toLocaleString(LANGUAGE, TIME);
export const briefly = (seconds: number): string => new Date(seconds * 1000).toLocaleString(LANGUAGE, { dateStyle: "short", timeStyle: "short" });
export const day = (seconds: number): string => new Date(seconds * 1000).toLocaleDateString(LANGUAGE, { month: "short", day: "numeric", timeZone: "UTC" });
export const called = (name: string): string => name.replaceAll("_", " ");
export const sentence = (name: string): string => called(name).replace(/^./, (letter) => letter.toUpperCase());
export const number = (value: number): string => value.toLocaleString(LANGUAGE);

const RELATIVE = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** `in 6 days`, `3 minutes ago`. */
export function fromNow(seconds: number): string {
  const left = seconds - Date.now() / 1000;
  const [unit, size] = STEPS.find(([, step]) => Math.abs(left) >= step) ?? ["second", 1];
  return RELATIVE.format(Math.trunc(left / size), unit);
}

/** A Unix time as a `datetime-local` field has it, in the reader's own zone; and back. */
export function localField(seconds: number): string {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
export const fromField = (text: string): number => Math.floor(new Date(text).getTime() / 1000);
