/** A file of every payment that a view shows: CSV, page by page, so that it can be long. */

import { type Form, get, type Json } from "../api";
import { typed } from "../format";
import { methodText, standing } from "./standing";

const PAGE = 1_000;
const COLUMNS: [string, (payment: Json) => string | number | null][] = [
  ["id", (p) => p.id], ["created_utc", (p) => new Date(p.created * 1000).toISOString()], ["amount", (p) => typed(p.amount, p.currency)],
  ["amount_received", (p) => typed(p.amount_received, p.currency)], ["amount_refunded", (p) => typed(p.amount_refunded, p.currency)], ["currency", (p) => p.currency],
  ["status", (p) => p.status], ["standing", (p) => standing(p)[0]], ["failure", (p) => p.failure], ["method", (p) => methodText(p.method)],
  ["customer", (p) => p.customer], ["email", (p) => p.email], ["description", (p) => p.description],
];

/** Quoted where it has to be; what a spreadsheet would take for a formula is text. */
export function cell(value: string | number | null): string {
  const text = String(value ?? "");
  const safe = typeof value === "string" && /^\s*[=+\-@＝＋－＠\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** All of them; `progress` is told how many there are so far. */
export async function csv(form: Form, progress: (count: number) => void, signal: AbortSignal): Promise<Blob> {
  const parts = [`${COLUMNS.map(([name]) => name).join(",")}\r\n`];
  let after: string | undefined;
  let count = 0;
  for (;;) {
    const page = await get("/dashboard/v1/payments", { ...form, limit: PAGE, starting_after: after }, signal);
    const rows = page.data as Json[];
    parts.push(...rows.map((row) => `${COLUMNS.map(([, of]) => cell(of(row))).join(",")}\r\n`));
    progress((count += rows.length));
    after = rows.at(-1)?.id;
    if (!page.has_more || !after) return new Blob(parts, { type: "text/csv" });
  }
}

export function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
