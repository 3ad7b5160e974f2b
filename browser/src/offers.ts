/** What a payment element has to know before it shows anything: of the intent, or of what it will be, and of the customer. */

import { ask } from "./api";
import type { Home } from "./element";
import type { ElementsOptions } from "./elements";
import { intentOf, type Kind } from "./kinds";
import type { About, ApiError, Customer, Form, Saved } from "./protocol";

export interface Offered {
  about: About;
  error?: ApiError;
}

const DEFAULT_TYPES = ["card"];
/** What an element is told that has no use for more. */
export const NOTHING: About = { types: DEFAULT_TYPES, kept: false };
/** By status, what an intent is to a buyer that cannot be confirmed any more. */
const ENDED: Record<string, About["ended"]> = { succeeded: "succeeded", requires_capture: "succeeded", canceled: "canceled", processing: "processing" };

interface Session {
  types: string[];
  customer?: Customer;
}

/** Ask what is offered. An error is the first that anything was answered with. */
export async function offered(home: Home, options: ElementsOptions): Promise<Offered> {
  const intent = intentOf(options.clientSecret);
  const named = namedBy(options);
  const asks = options.customerSessionClientSecret !== undefined || (!intent && !named && options.mode !== undefined);
  const [known, session]: [Offered, Awaited<ReturnType<typeof ofSession>> | undefined] = await Promise.all([
    intent ? ofIntent(home, intent, String(options.clientSecret)) : { about: ofDeferred(options, named ?? DEFAULT_TYPES) },
    asks ? ofSession(home, options) : undefined,
  ]);
  const error = known.error ?? session?.error;
  if (error) return { about: NOTHING, error };
  const types = intent || named ? {} : { types: session?.found?.types ?? DEFAULT_TYPES };
  const customer = session?.found?.customer;
  return { about: { ...known.about, ...types, ...(customer ? { customer } : {}) } };
}

const namedBy = ({ allowedPaymentMethodTypes, paymentMethodTypes, payment_method_types }: ElementsOptions): string[] | undefined =>
  allowedPaymentMethodTypes ?? paymentMethodTypes ?? payment_method_types;

const usageOf = (options: ElementsOptions): unknown => options["setupFutureUsage"] ?? options["setup_future_usage"];

function ofDeferred(options: ElementsOptions, types: string[]): About {
  const { amount, currency, mode } = options;
  const kept = (mode !== undefined && mode !== "payment") || Boolean(usageOf(options));
  return { types, kept, ...(amount ? { amount } : {}), ...(currency ? { currency } : {}) };
}

async function ofIntent(home: Home, intent: { id: string; kind: Kind }, secret: string): Promise<Offered> {
  const form = { client_secret: secret, key: home.key, ...home.signature };
  const { object, error } = await ask(home.origin, "GET", `${intent.kind.path}/${intent.id}`, form);
  if (error) return { about: NOTHING, error };
  const said = object as { payment_method_types: string[]; amount?: number; currency?: string; setup_future_usage?: string; status: string };
  const about = {
    types: said.payment_method_types, kept: intent.kind.name === "Setup" || Boolean(said.setup_future_usage),
    ...(said.amount ? { amount: said.amount } : {}), ...(said.currency ? { currency: said.currency } : {}),
  };
  const ended = intent.kind.name === "Setup" && said.status === "succeeded" ? "kept" : ENDED[said.status];
  return { about: ended ? { ...about, ended } : about };
}

/** What the API offers for an intent that is yet to be made, and what it shows of the customer. */
async function ofSession(home: Home, options: ElementsOptions): Promise<{ found?: Session; error?: ApiError }> {
  const secret = options.customerSessionClientSecret;
  const signed = { key: home.key, ...home.signature };
  const about = options.clientSecret ? { client_secret: options.clientSecret } : { deferred_intent: deferred(options) };
  const form = { ...signed, ...about, customer_session_client_secret: secret };
  const { object, error } = await ask(home.origin, "GET", "/v1/elements/sessions", form);
  if (error) return { error };
  const said = object as {
    payment_method_preference: { ordered_payment_method_types: string[] };
    customer: { customer_session: { components: Form }; payment_methods: Saved[] } | null;
  };
  const features = ((said.customer?.customer_session.components["payment_element"] as Form | undefined)?.["features"] ?? {}) as Form;
  const usage = features["payment_method_save_usage"];
  const customer = said.customer && secret ? {
    secret, signed, methods: said.customer.payment_methods, removes: features["payment_method_remove"] === "enabled",
    saves: features["payment_method_save"] === "enabled", ...(typeof usage === "string" ? { usage } : {}),
  } : undefined;
  return { found: { types: said.payment_method_preference.ordered_payment_method_types, ...(customer ? { customer } : {}) } };
}

function deferred(options: ElementsOptions): Form {
  return {
    mode: options.mode ?? "payment", amount: options.amount, currency: options.currency,
    capture_method: options["captureMethod"] as string, setup_future_usage: usageOf(options) as string,
    on_behalf_of: options["onBehalfOf"] as string, payment_method_configuration: options["paymentMethodConfiguration"] as string,
    excluded_payment_method_types: options["excludedPaymentMethodTypes"] as string[],
  };
}
