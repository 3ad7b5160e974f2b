// A shop on the official SDK of its time, unmodified: node journey.mjs <url> <key> <package> [<api version>]
import assert from "node:assert/strict";

const [url, key, name, apiVersion] = process.argv.slice(2);
const { default: Stripe } = await import(name);
const { protocol, hostname, port } = new URL(url);
const pinned = apiVersion ? { apiVersion } : {};
const where = { protocol: protocol.replace(":", ""), host: hostname, port };
// Years ago, another server was told of in another way.
const stripe = name === "stripe-7" ? new Stripe(key, pinned) : new Stripe(key, { ...where, ...pinned });
if (name === "stripe-7") stripe.setHost(where.host, where.port, where.protocol);
const intents = stripe.paymentIntents;
const usd = { amount: 1099, currency: "usd" };
const card = { payment_method: "pm_card_visa", return_url: "https://shop.example" };

const customer = await stripe.customers.create({ email: "jenny@example.com" });
const made = await intents.create({ ...usd, customer: customer.id });
assert.equal(made.status, "requires_payment_method");
assert.equal((await intents.update(made.id, { description: "later" })).description, "later");
const paid = await intents.confirm(made.id, card);
assert.deepEqual([paid.status, paid.amount_received], ["succeeded", 1099]);

const refused = await intents.create(usd);
await assert.rejects(
  intents.confirm(refused.id, { ...card, payment_method: "pm_card_visa_chargeDeclinedInsufficientFunds" }),
  (error) => error.type === "StripeCardError" && error.decline_code === "insufficient_funds"
    && error.payment_intent.status === "requires_payment_method",
);

const hold = { ...usd, ...card, capture_method: "manual", confirm: true };
const held = await intents.create(hold);
assert.deepEqual([held.status, held.amount_capturable], ["requires_capture", 1099]);
assert.equal((await intents.capture(held.id, { amount_to_capture: 1000 })).amount_received, 1000);
const dropped = await intents.create(hold);
assert.equal((await intents.cancel(dropped.id)).status, "canceled");

const refund = await stripe.refunds.create({ charge: paid.latest_charge, amount: 99 });
assert.deepEqual([refund.status, refund.amount], ["succeeded", 99]);
const shown = await intents.retrieve(made.id, { expand: ["latest_charge", "customer"] });
assert.deepEqual([shown.latest_charge.amount_refunded, shown.customer.email], [99, "jenny@example.com"]);
const version = shown.lastResponse.headers["stripe-version"];
if (version < "2022-11-15") assert.equal(shown.charges.data[0].refunds.data[0].id, refund.id);
const listed = await intents.list({ customer: customer.id, limit: 1 });
assert.deepEqual(listed.data.map((intent) => intent.id), [made.id]);
const events = await stripe.events.list({ type: "payment_intent.succeeded", limit: 20 });
assert.ok(events.data.some((event) => event.data.object.id === made.id));
console.log(JSON.stringify({ version, intent: made.id }));
