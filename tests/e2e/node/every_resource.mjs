// Every method of the official Node SDK, unmodified, of every resource here, carried out once: node every_resource.mjs
// <url> <key>. Says which methods it has called, as JSON.
import assert from "node:assert/strict";
import Stripe from "stripe";

const [url, key] = process.argv.slice(2);
const { protocol, hostname, port } = new URL(url);
const plain = new Stripe(key, { protocol: protocol.replace(":", ""), host: hostname, port });
const called = new Set();
const watched = (resource, name) => new Proxy(resource, {
  get: (it, method) => {
    called.add(`${name}.${method}`);
    return it[method].bind(it);
  },
});
const stripe = new Proxy(plain, { get: (it, name) => watched(it[name], name) });

const usd = { amount: 1099, currency: "usd", allowed_payment_method_types: ["card"] };
const paying = { ...usd, confirm: true, payment_method: "pm_card_visa" };
const why = { metadata: { why: "kind" } };
const ids = async (list) => (await list).data.map((one) => one.id);
const refused = async (promise, code) => assert.rejects(promise, (error) => error.code === code);
const named = async (promise, name, value) => assert.equal((await promise)[name], value);

const intents = stripe.paymentIntents;
const held = await intents.create({
  ...paying, capture_method: "manual",
  payment_method_options: { card: { request_incremental_authorization: "if_available" } },
  amount_details: { line_items: [{ product_name: "Book", quantity: 1, unit_cost: 1099 }] },
});
assert.equal((await intents.listAmountDetailsLineItems(held.id)).data[0].product_name, "Book");
await named(intents.incrementAuthorization(held.id, { amount: 1500 }), "amount", 1500);
await named(intents.capture(held.id, { amount_to_capture: 1000 }), "amount_received", 1000);
const customer = await stripe.customers.create({ email: "jenny@example.com" });
const created = await intents.create({ ...usd, customer: customer.id });
const run = { metadata: { run: created.id } };
await intents.update(created.id, run);
const paid = await intents.confirm(created.id, { payment_method: "pm_card_visa" });
await named(intents.retrieve(created.id), "status", "succeeded");
assert.deepEqual(await ids(intents.search({ query: `metadata["run"]:"${created.id}"` })), [created.id]);
assert.deepEqual(await ids(intents.list({ customer: customer.id })), [created.id]);
await named(intents.cancel((await intents.create(usd)).id), "status", "canceled");
await refused(intents.verifyMicrodeposits(paid.id, { amounts: [32, 45] }), "payment_intent_unexpected_state");
await refused(intents.applyCustomerBalance(paid.id), "payment_intent_unexpected_state");

const setups = stripe.setupIntents;
const setup = await setups.create({ customer: customer.id, allowed_payment_method_types: ["card"] });
await setups.update(setup.id, why);
const ready = await setups.confirm(setup.id, { payment_method: "pm_card_visa" });
await named(setups.retrieve(setup.id), "status", "succeeded");
assert.deepEqual(await ids(stripe.setupAttempts.list({ setup_intent: setup.id })), [ready.latest_attempt]);
assert.deepEqual(await ids(setups.list({ customer: customer.id })), [setup.id]);
await named(setups.cancel((await setups.create()).id), "status", "canceled");
await refused(setups.verifyMicrodeposits(setup.id, { amounts: [32, 45] }), "intent_invalid_state");

const charge = await stripe.charges.update(paid.latest_charge, { ...run, description: "seen" });
await named(stripe.charges.retrieve(charge.id), "description", "seen");
assert.deepEqual(await ids(stripe.charges.list({ payment_intent: paid.id })), [charge.id]);
assert.deepEqual(await ids(stripe.charges.search({ query: `metadata["run"]:"${paid.id}"` })), [charge.id]);
await refused(stripe.charges.capture(charge.id), "charge_already_captured");
await refused(stripe.charges.create({ amount: 1099, currency: "usd" }), "parameter_missing");

const refund = await stripe.refunds.create({ charge: charge.id, amount: 99 });
await stripe.refunds.update(refund.id, why);
assert.equal((await stripe.refunds.retrieve(refund.id)).metadata.why, "kind");
assert.deepEqual(await ids(stripe.refunds.list({ charge: charge.id })), [refund.id]);
await assert.rejects(stripe.refunds.cancel(refund.id), /Canceling this refund is unsupported/);

const moved = (await ids(stripe.balanceTransactions.list({ source: charge.id })))[0];
assert.equal((await stripe.balanceTransactions.retrieve(moved, { expand: ["source"] })).source.id, charge.id);
await named(stripe.balance.retrieve(), "object", "balance");

const disputed = await intents.create({ ...paying, payment_method: "pm_card_createDispute" });
let dispute;
do [dispute] = await ids(stripe.disputes.list({ payment_intent: disputed.id })); while (dispute === undefined);
const data = Buffer.from("%PDF-1.7 receipt");
const file = await stripe.files.create({
  purpose: "dispute_evidence", file: { data, name: "receipt.pdf", type: "application/pdf" },
});
await named(stripe.files.retrieve(file.id), "size", 16);
assert.ok((await ids(stripe.files.list({ limit: 100 }))).includes(file.id));
const staged = await stripe.disputes.update(dispute, { evidence: { receipt: file.id }, submit: false });
assert.equal(staged.status, "needs_response");
await named(stripe.disputes.close(dispute), "status", "lost");
assert.equal((await stripe.disputes.retrieve(dispute)).evidence.receipt, file.id);

const card = { number: "4242424242424242", exp_month: 8, exp_year: 2034, cvc: "123", name: "Jenny" };
const token = await stripe.tokens.create({ card });
const method = await stripe.paymentMethods.create({ type: "card", card: { token: token.id } });
await named(stripe.tokens.retrieve(token.id), "used", true);
const again = stripe.paymentMethods.create({ type: "card", card: { token: token.id } });
await refused(again, "token_already_used");
const buyer = await stripe.customers.create();
await named(stripe.paymentMethods.attach(method.id, { customer: buyer.id }), "customer", buyer.id);
await stripe.paymentMethods.update(method.id, why);
assert.equal((await stripe.paymentMethods.retrieve(method.id)).billing_details.name, "Jenny");
assert.deepEqual(await ids(stripe.paymentMethods.list({ customer: buyer.id })), [method.id]);
assert.deepEqual(await ids(stripe.customers.listPaymentMethods(buyer.id)), [method.id]);
await named(stripe.customers.retrievePaymentMethod(buyer.id, method.id), "id", method.id);
await named(stripe.paymentMethods.detach(method.id), "customer", null);

const domains = stripe.paymentMethodDomains;
const domain = await domains.create({ domain_name: "shop.example" });
await named(domains.update(domain.id, { enabled: false }), "enabled", false);
assert.equal((await domains.retrieve(domain.id)).apple_pay.status, "inactive");
await domains.update(domain.id, { enabled: true });
assert.equal((await domains.validate(domain.id)).link.status, "active");
assert.deepEqual(await ids(domains.list({ domain_name: "shop.example" })), [domain.id]);

const session = await stripe.customerSessions.create({
  customer: customer.id, components: { payment_element: { enabled: true } },
});
assert.match(session.client_secret, /^cuss_/);
const phone = await stripe.ephemeralKeys.create({ customer: customer.id }, { apiVersion: "2026-10-28.endive" });
assert.match(phone.secret, /^ek_test_/);
await named(stripe.ephemeralKeys.del(phone.id), "id", phone.id);

const account = await stripe.accounts.create({ type: "custom" });
const acting = { stripeAccount: account.id };
await stripe.accounts.update(account.id, { email: "jenny@example.com" });
await named(stripe.accounts.retrieve(account.id), "email", "jenny@example.com");
assert.ok((await ids(stripe.accounts.list({ limit: 5 }))).includes(account.id));
await named(stripe.accounts.retrieveCurrent({}, acting), "id", account.id);
const direct = await intents.create({ ...paying, application_fee_amount: 99 }, acting);
const fees = stripe.applicationFees;
const [fee] = await ids(fees.list({ charge: direct.latest_charge }));
const less = await fees.createRefund(fee, { amount: 9 });
await fees.updateRefund(fee, less.id, why);
assert.equal((await fees.retrieveRefund(fee, less.id)).metadata.why, "kind");
assert.deepEqual(await ids(fees.listRefunds(fee)), [less.id]);
await named(fees.retrieve(fee), "amount_refunded", 9);
await intents.create({ ...paying, transfer_data: { destination: account.id } });
const [transfer] = await ids(stripe.transfers.list({ destination: account.id }));
await named(stripe.transfers.update(transfer, { description: "Rent" }), "description", "Rent");
const back = await stripe.transfers.createReversal(transfer, { amount: 99 });
await stripe.transfers.updateReversal(transfer, back.id, why);
assert.equal((await stripe.transfers.retrieveReversal(transfer, back.id)).metadata.why, "kind");
assert.deepEqual(await ids(stripe.transfers.listReversals(transfer)), [back.id]);
const { destination_payment, amount_reversed } = await stripe.transfers.retrieve(transfer);
assert.equal(amount_reversed, 99);
assert.equal((await ids(stripe.charges.list({}, acting)))[0], destination_payment);
await named(stripe.accounts.del(account.id), "deleted", true);

const configurations = stripe.paymentMethodConfigurations;
const configuration = await configurations.create({ name: "Ours" });
await configurations.update(configuration.id, { name: "Theirs" });
await named(configurations.retrieve(configuration.id), "name", "Theirs");
assert.ok((await ids(configurations.list({ limit: 100 }))).includes(configuration.id));

const endpoints = stripe.webhookEndpoints;
const endpoint = await endpoints.create({ url: "https://shop.example/hook", enabled_events: ["payout.paid"] });
await endpoints.update(endpoint.id, { description: "ours" });
await named(endpoints.retrieve(endpoint.id), "description", "ours");
assert.ok((await ids(endpoints.list({ limit: 100 }))).includes(endpoint.id));
await named(endpoints.del(endpoint.id), "deleted", true);
const [newest] = await ids(stripe.events.list({ limit: 1 }));
await named(stripe.events.retrieve(newest), "id", newest);

const customers = stripe.customers;
await customers.update(customer.id, { metadata: { run: customer.id } });
assert.deepEqual(await ids(customers.search({ query: `metadata["run"]:"${customer.id}"` })), [customer.id]);
assert.ok((await ids(customers.list({ email: "jenny@example.com", limit: 100 }))).includes(customer.id));
await named(customers.createFundingInstructions(customer.id, {
  funding_type: "bank_transfer", currency: "usd", bank_transfer: { type: "us_bank_transfer" },
}), "currency", "usd");
await plain.testHelpers.customers.fundCashBalance(customer.id, { amount: 900, currency: "usd" });
const [came] = await ids(customers.listCashBalanceTransactions(customer.id));
await named(customers.retrieveCashBalanceTransaction(customer.id, came), "net_amount", 900);
assert.equal((await customers.retrieveCashBalance(customer.id)).available.usd, 900);
const manual = await customers.updateCashBalance(customer.id, { settings: { reconciliation_mode: "manual" } });
assert.equal(manual.settings.reconciliation_mode, "manual");
await named(customers.del(buyer.id), "deleted", true);
await named(customers.retrieve(buyer.id), "deleted", true);

const billing_details = { name: "Jenny Rosen", email: "jenny@example.com" };
const debited = await setups.create({
  confirm: true, allowed_payment_method_types: ["sepa_debit"],
  mandate_data: { customer_acceptance: { type: "offline" } },
  payment_method_data: { type: "sepa_debit", sepa_debit: { iban: "AT611904300234573201" }, billing_details },
});
await named(stripe.mandates.retrieve(debited.mandate), "payment_method", debited.payment_method);
const confirmation = await plain.testHelpers.confirmationTokens.create({ payment_method: "pm_card_visa" });
await named(stripe.confirmationTokens.retrieve(confirmation.id), "id", confirmation.id);

console.log(JSON.stringify([...called]));
