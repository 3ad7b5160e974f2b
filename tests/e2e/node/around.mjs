// Every method of the official Node SDK, unmodified, on what stands around a PaymentIntent: node around.mjs <url> <key>
import assert from "node:assert/strict";
import Stripe from "stripe";

const [url, key] = process.argv.slice(2);
const { protocol, hostname, port } = new URL(url);
const stripe = new Stripe(key, { protocol: protocol.replace(":", ""), host: hostname, port });
const paid = await stripe.paymentIntents.create({
  amount: 1099, currency: "usd", confirm: true, payment_method: "pm_card_visa", allowed_payment_method_types: ["card"],
});
const resources = [];

const charge = await stripe.charges.update(paid.latest_charge, { metadata: { run: paid.id }, description: "seen" });
assert.equal((await stripe.charges.retrieve(charge.id)).description, "seen");
assert.equal((await stripe.charges.list({ payment_intent: paid.id })).data[0].id, charge.id);
assert.equal((await stripe.charges.search({ query: `metadata["run"]:"${paid.id}"` })).data[0].id, charge.id);
await assert.rejects(stripe.charges.capture(charge.id), (error) => error.code === "charge_already_captured");
await assert.rejects(stripe.charges.create({ amount: 1099, currency: "usd" }), (error) => error.code === "parameter_missing");
resources.push("charges");

const [moved] = (await stripe.balanceTransactions.list({ source: charge.id })).data;
assert.equal(moved.net, 1037);
assert.equal((await stripe.balanceTransactions.retrieve(moved.id, { expand: ["source"] })).source.id, charge.id);
assert.equal((await stripe.balance.retrieve()).object, "balance");
resources.push("balance");

const disputed = await stripe.paymentIntents.create({
  amount: 1099, currency: "usd", confirm: true, payment_method: "pm_card_createDispute", allowed_payment_method_types: ["card"],
});
let [dispute] = (await stripe.disputes.list({ payment_intent: disputed.id })).data;
while (dispute === undefined) [dispute] = (await stripe.disputes.list({ payment_intent: disputed.id })).data;
const staged = await stripe.disputes.update(dispute.id, { evidence: { customer_name: "Jenny" }, submit: false });
assert.equal(staged.status, "needs_response");
assert.equal((await stripe.disputes.close(dispute.id)).status, "lost");
assert.equal((await stripe.disputes.retrieve(dispute.id)).evidence.customer_name, "Jenny");
assert.equal((await stripe.files.list({ limit: 1 })).object, "list");
resources.push("disputes");

const card = { number: "4242424242424242", exp_month: 8, exp_year: 2034, cvc: "123", name: "Jenny" };
const token = await stripe.tokens.create({ card });
const ofToken = await stripe.paymentMethods.create({ type: "card", card: { token: token.id } });
assert.equal(ofToken.billing_details.name, "Jenny");
assert.equal((await stripe.tokens.retrieve(token.id)).used, true);
await assert.rejects(
  stripe.paymentMethods.create({ type: "card", card: { token: token.id } }), (error) => error.code === "token_already_used",
);
const domain = await stripe.paymentMethodDomains.create({ domain_name: "shop.example" });
assert.equal((await stripe.paymentMethodDomains.update(domain.id, { enabled: false })).apple_pay.status, "inactive");
assert.equal((await stripe.paymentMethodDomains.retrieve(domain.id)).enabled, false);
assert.equal((await stripe.paymentMethodDomains.update(domain.id, { enabled: true })).enabled, true);
assert.equal((await stripe.paymentMethodDomains.validate(domain.id)).link.status, "active");
assert.equal((await stripe.paymentMethodDomains.list({ domain_name: "shop.example" })).data[0].id, domain.id);
resources.push("tokens", "paymentMethodDomains");

const customer = await stripe.customers.create({ email: "jenny@example.com" });
const phone = await stripe.ephemeralKeys.create({ customer: customer.id }, { apiVersion: "2026-10-28.endive" });
assert.match(phone.secret, /^ek_test_/);
assert.equal((await stripe.ephemeralKeys.del(phone.id)).id, phone.id);
resources.push("ephemeralKeys");

console.log(JSON.stringify({ resources }));
