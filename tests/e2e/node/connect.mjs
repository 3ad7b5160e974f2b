// Connect with the official Node SDK, unmodified: node connect.mjs <url> <key>
import assert from "node:assert/strict";
import Stripe from "stripe";

const [url, key] = process.argv.slice(2);
const { protocol, hostname, port } = new URL(url);
const stripe = new Stripe(key, { protocol: protocol.replace(":", ""), host: hostname, port });
const refused = [];

const account = await stripe.accounts.create({ type: "custom", country: "DE", business_profile: { name: "Rosen" } });
assert.equal((await stripe.accounts.retrieve(account.id)).business_profile.name, "Rosen");
assert.equal((await stripe.accounts.update(account.id, { email: "jenny@example.com" })).email, "jenny@example.com");
assert.ok((await stripe.accounts.list({ limit: 3 })).data.some((one) => one.id === account.id));
const acting = { stripeAccount: account.id };
assert.equal((await stripe.accounts.retrieveCurrent({}, acting)).id, account.id);
assert.notEqual((await stripe.accounts.retrieveCurrent()).id, account.id);

const customer = await stripe.customers.create({ email: "buyer@example.com" });
const saved = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
const copied = await stripe.paymentMethods.create({ customer: customer.id, payment_method: saved.id }, acting);
assert.equal(copied.customer, null);
const intent = await stripe.paymentIntents.create({
  amount: 1099, currency: "eur", confirm: true, payment_method: copied.id, allowed_payment_method_types: ["card"],
  application_fee_amount: 100,
}, acting);
assert.equal((await stripe.paymentIntents.retrieve(intent.id, {}, { stripeContext: account.id })).id, intent.id);
await assert.rejects(stripe.paymentIntents.retrieve(intent.id), (error) => Boolean(refused.push(error.code)));
const charge = await stripe.charges.retrieve(intent.latest_charge, {}, acting);
const fee = await stripe.applicationFees.retrieve(charge.application_fee);
assert.equal(fee.amount, 100);
assert.ok((await stripe.applicationFees.list({ charge: charge.id })).data.length === 1);
const back = await stripe.applicationFees.createRefund(fee.id, { amount: 10 });
assert.equal((await stripe.applicationFees.retrieveRefund(fee.id, back.id)).amount, 10);
assert.equal((await stripe.applicationFees.updateRefund(fee.id, back.id, { metadata: { a: "b" } })).metadata.a, "b");
assert.equal((await stripe.applicationFees.listRefunds(fee.id)).data[0].id, back.id);

const sent = await stripe.paymentIntents.create({
  amount: 1099, currency: "eur", confirm: true, payment_method: "pm_card_visa", allowed_payment_method_types: ["card"],
  transfer_data: { destination: account.id, amount: 700 }, expand: ["latest_charge.transfer"],
});
const transfer = sent.latest_charge.transfer;
assert.equal((await stripe.transfers.retrieve(transfer.id)).amount, 700);
assert.equal((await stripe.transfers.update(transfer.id, { description: "Rent" })).description, "Rent");
assert.equal((await stripe.transfers.list({ destination: account.id })).data[0].id, transfer.id);
const reversal = await stripe.transfers.createReversal(transfer.id, { amount: 200 });
assert.equal((await stripe.transfers.retrieveReversal(transfer.id, reversal.id)).amount, 200);
assert.equal((await stripe.transfers.updateReversal(transfer.id, reversal.id, { metadata: { a: "b" } })).metadata.a, "b");
assert.equal((await stripe.transfers.listReversals(transfer.id)).data[0].id, reversal.id);

assert.equal((await stripe.accounts.del(account.id)).deleted, true);
await assert.rejects(stripe.accounts.retrieve(account.id), (error) => Boolean(refused.push(error.code)));

console.log(JSON.stringify({ status: intent.status, refused }));
