/** The API, as the console asks it: with the key that its reader has typed in, which lives in this tab and nowhere else. */

// eslint-disable-next-line -- what Stripe's objects hold is described by the API (/openapi.json), and not once more here.
export type Json = Record<string, any>;
export type Value = string | number | boolean | null | undefined | Value[] | { [name: string]: Value };
export type Form = Record<string, Value>;

/** Whatever the account's own version is: these pages read the one they were written for. */
const VERSION = "2026-10-28.endive";
const STORED = "perdure-key";

/** What the API said no with. `permission` is what a restricted key lacks. */
export class ApiError extends Error {
  readonly permission: string | undefined;

  constructor(message: string, readonly status: number, readonly code: string | undefined) {
    super(message);
    this.permission = status === 403 ? /'([a-z_]+:(?:read|write))'/.exec(message)?.[1] : undefined;
  }
}

export const storedKey = (): string => sessionStorage.getItem(STORED) ?? "";
export const storeKey = (key: string): void => sessionStorage.setItem(STORED, key);

/** A name that nobody has used. Not by `randomUUID`: browsers have that on https and on this machine alone. */
export const unused = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

type Ended = () => void;
let ended: Ended = () => undefined;
/** Who is told when the key that opened this tab opens nothing any more. */
export const onEnd = (listener: Ended): void => void (ended = listener);

export const forgetKey = (): void => sessionStorage.removeItem(STORED);

/** `{a: {b: 1}}` as `a[b]=1`, which is how Stripe's API takes what is nested. */
export function encode(form: Form): URLSearchParams {
  const fields = new URLSearchParams();
  const add = (name: string, value: Value): void => {
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) value.forEach((item, index) => add(`${name}[${index}]`, item));
    else if (typeof value === "object") for (const [inner, item] of Object.entries(value)) add(`${name}[${inner}]`, item);
    else fields.append(name, String(value));
  };
  for (const [name, value] of Object.entries(form)) add(name, value);
  return fields;
}

async function send(method: string, path: string, form: Form, more: { key?: string; idempotency?: string; signal?: AbortSignal }): Promise<Json> {
  const headers: Record<string, string> = { Authorization: `Bearer ${more.key ?? storedKey()}`, "Stripe-Version": VERSION };
  if (more.idempotency) headers["Idempotency-Key"] = more.idempotency;
  const fields = encode(form);
  const query = method === "POST" || !fields.size ? "" : `?${fields}`;
  // Without credentials, or the browser itself would ask for a password when the key opens nothing.
  const how = { method, headers, credentials: "omit" as const, signal: more.signal ?? null };
  let response: Response;
  try {
    response = await fetch(path + query, method === "POST" ? { ...how, body: fields } : how);
  } catch (error) {
    if (more.signal?.aborted) throw error;
    throw new ApiError("The API does not answer.", 0, undefined);
  }
  const answer = (await response.json().catch(() => ({ error: { message: `The API has answered ${response.status}.` } }))) as Json;
  if (answer.error) {
    if (response.status === 401 && more.key === undefined) ended();
    throw new ApiError(answer.error.message, response.status, answer.error.code);
  }
  return answer;
}

export const get = (path: string, form: Form = {}, signal?: AbortSignal): Promise<Json> => send("GET", path, form, signal ? { signal } : {});
export const getAs = (key: string, path: string): Promise<Json> => send("GET", path, {}, { key });
export const remove = (path: string): Promise<Json> => send("DELETE", path, {}, {});

/** A file, as evidence for a dispute. The one request that is no form of words. */
export async function upload(file: File): Promise<Json> {
  const body = new FormData();
  body.set("purpose", "dispute_evidence");
  body.set("file", file);
  const headers = { Authorization: `Bearer ${storedKey()}`, "Stripe-Version": VERSION };
  const response = await fetch("/v1/files", { method: "POST", headers, body, credentials: "omit" });
  const answer = (await response.json()) as Json;
  if (answer.error) throw new ApiError(answer.error.message, response.status, answer.error.code);
  return answer;
}

/** `once` makes a second try of the same act the same act; the API's own keys are made without one. */
export const post = (path: string, form: Form = {}, once?: string): Promise<Json> => send("POST", path, form, once ? { idempotency: once } : {});
