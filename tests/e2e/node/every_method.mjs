// Every PaymentIntents method of the official Node SDK, unmodified: node every_method.mjs <url> <key> [<api version>]
import assert from "node:assert/strict";
import Stripe from "stripe";

const [url, key, apiVersion] = process.argv.slice(2);
const { protocol, hostname, port } = new URL(url);
const stripe = new Stripe(key, {
  protocol: protocol.replace(":", ""), host: hostname, port,
  ...(apiVersion ? { apiVersion } : {}),
});
const intents = stripe.paymentIntents;
const run = `node-${process.pid}-${Date.now()}`;
const nobody_goes_away = { automatic_payment_methods: { enabled: true, allow_redirects: "never" } };
const usd = { amount: 1099, currency: "usd", metadata: { run } };

const created = await intents.create(usd);
assert.equal(created.status, "requires_payment_method");
assert.equal((await intents.retrieve(created.id)).id, created.id);
assert.equal((await intents.update(created.id, { description: "later" })).description, "later");
const paid = await intents.confirm(created.id, {
  payment_method: "pm_card_visa", return_url: "https://shop.example", expand: ["latest_charge"],
});
assert.equal(paid.status, "succeeded");
assert.equal(paid.latest_charge.payment_method_details.card.last4, "4242");

const held = await intents.create({
  ...usd, ...nobody_goes_away, capture_method: "manual", confirm: true, payment_method: "pm_card_visa",
  payment_method_options: { card: { request_incremental_authorization: "if_available" } },
  amount_details: { line_items: [{ product_name: "Book", quantity: 1, unit_cost: 1099 }] },
});
assert.equal(held.status, "requires_capture");
assert.equal((await intents.incrementAuthorization(held.id, { amount: 1500 })).amount, 1500);
const lines = await intents.listAmountDetailsLineItems(held.id);
assert.equal(lines.data[0].product_name, "Book");
assert.equal((await intents.capture(held.id, { amount_to_capture: 1000 })).amount_received, 1000);

const dropped = await intents.create(usd);
const canceled = await intents.cancel(dropped.id, { cancellation_reason: "abandoned" });
assert.equal(canceled.cancellation_reason, "abandoned");

const declined = { ...usd, ...nobody_goes_away, payment_method: "pm_card_visa_chargeDeclined", confirm: true };
await assert.rejects(intents.create(declined), (error) => {
  assert.equal(error.type, "StripeCardError");
  assert.equal(error.raw.decline_code ?? error.decline_code, "generic_decline");
  assert.equal(error.payment_intent.status, "requires_payment_method");
  return true;
});
for (const [does, code] of [
  [() => intents.verifyMicrodeposits(paid.id, { amounts: [32, 45] }), "payment_intent_unexpected_state"],
  [() => intents.applyCustomerBalance(paid.id), "payment_intent_unexpected_state"],
  [() => intents.retrieve("pi_none"), "resource_missing"],
  [() => intents.create({ amount: 1099 }), "parameter_missing"],
]) {
  await assert.rejects(does(), (error) => {
    assert.equal(error.type, "StripeInvalidRequestError");
    assert.equal(error.code, code);
    return true;
  });
}

const listed = [];
for await (const intent of intents.list({ limit: 2 })) {
  listed.push(intent.id);
  if (listed.length === 5) break;
}
assert.equal(new Set(listed).size, listed.length);
assert.ok(listed.includes(created.id));

const found = [];
for await (const intent of intents.search({ query: `metadata["run"]:"${run}"`, limit: 2 })) found.push(intent.id);
assert.equal(found.length, 4);
assert.equal(new Set(found).size, 4);

const setups = stripe.setupIntents;
const empty = await setups.create({ ...nobody_goes_away, metadata: { run } });
assert.equal((await setups.retrieve(empty.id)).status, "requires_payment_method");
assert.equal((await setups.update(empty.id, { description: "later" })).description, "later");
const ready = await setups.confirm(empty.id, { payment_method: "pm_card_visa" });
assert.equal(ready.status, "succeeded");
const tries = await stripe.setupAttempts.list({ setup_intent: empty.id });
assert.deepEqual(tries.data.map((one) => one.status), ["succeeded"]);
const ended = await setups.cancel((await setups.create(nobody_goes_away)).id, { cancellation_reason: "abandoned" });
assert.equal(ended.cancellation_reason, "abandoned");
assert.ok((await setups.list({ limit: 3 })).data.some((one) => one.id === ended.id));
await assert.rejects(setups.verifyMicrodeposits(ended.id, { amounts: [32, 45] }), (error) => {
  assert.equal(error.code, "intent_invalid_state");
  return true;
});
await assert.rejects(setups.create({ ...nobody_goes_away, payment_method: "pm_card_visa_chargeDeclined", confirm: true }),
  (error) => {
    assert.equal(error.type, "StripeCardError");
    assert.equal(error.raw.setup_intent.status, "requires_payment_method");
    return true;
  });

console.log(JSON.stringify({ methods: 12, setups: 7, apiVersion: paid.lastResponse.apiVersion ?? apiVersion ?? null }));
