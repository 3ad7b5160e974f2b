/** The API, as a browser may use it: forms, a publishable key, and errors as values. */

import type { Answer, Form, FormValue } from "./protocol";

/** `{a: {b: 1}}` as `a[b]=1`, which is how Stripe's API takes what is nested. */
export function encode(form: Form): URLSearchParams {
  const fields = new URLSearchParams();
  const add = (name: string, value: FormValue): void => {
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) value.forEach((item, index) => add(`${name}[${index}]`, item));
    else if (typeof value === "object") for (const [inner, item] of Object.entries(value)) add(`${name}[${inner}]`, item);
    else fields.append(name, String(value));
  };
  for (const [name, value] of Object.entries(form)) add(name, value);
  return fields;
}

/** Browsers keep 64 KiB of requests alive at most. */
const KEEPALIVE_MAX = 16_384;

/** Ask. Never rejects: what went wrong is an `error`, as Stripe's library has it. */
export async function ask(origin: string, method: "GET" | "POST", path: string, form: Form): Promise<Answer> {
  const fields = encode(form);
  const url = `${origin}${path}${method === "GET" ? `?${fields}` : ""}`;
  try {
    // What was sent goes on, even if the page that has sent it is left.
    const sent = method === "POST" ? { body: fields, keepalive: fields.toString().length < KEEPALIVE_MAX } : {};
    const response = await fetch(url, { method, credentials: "omit", ...sent });
    const body = (await response.json()) as { error?: Answer["error"] };
    return body.error ? { error: body.error } : { object: body as Record<string, unknown> };
  } catch {
    const message = "We are experiencing issues connecting to our payments provider. Please check your connection and try again.";
    return { error: { type: "api_connection_error", message } };
  }
}
