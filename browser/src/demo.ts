/** The demo shop's page: merchant and buyer at once. Uses `window.Stripe` as any front end does. */

import { encode } from "./api";
import type { PaymentIntent as Intent } from "@stripe/stripe-js";

import type { ElementsGroup } from "./elements";
import { Basket, drawn, money, PRODUCTS, REGIONS } from "./goods";
import type { StripeClient } from "./stripe";

interface Method {
  type: string;
  family: string;
  currency: string;
  least: number | null;
  manual_capture: boolean;
  needs_customer: boolean;
  try: { value: string; what: string }[];
}

const POLL_MS = 700;
const STATUSES = ["requires_payment_method", "requires_confirmation", "requires_action", "processing", "requires_capture",
                  "succeeded", "canceled"];

/** A payment is as good as made: what follows is the bank's. */
const DONE: Record<string, string> = {
  succeeded: "Thank you! Your order is paid.", processing: "Thank you! Your bank is working on the payment.",
  requires_capture: "Thank you! The amount is held, and taken when we ship.",
};
const dark = matchMedia("(prefers-color-scheme: dark)");
const appearance = (): { theme: string } => ({ theme: dark.matches ? "night" : "stripe" });

const at = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const called = (name: string): string => name.replaceAll("_", " ");

/** The merchant's server, as it were. */
async function merchant(path: string, form?: Parameters<typeof encode>[0]): Promise<Record<string, any>> {
  const response = await fetch(`/demo${path}`, form ? { method: "POST", body: encode(form) } : {});
  const answer = (await response.json()) as Record<string, any>;
  if (answer["error"]) throw new Error(answer["error"].message);
  return answer;
}

/** One line of a list: what, and when (Unix seconds). */
function entry(what: string, when: number): HTMLElement {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date(when * 1000).toLocaleTimeString();
  item.append(`${what} `, time);
  return item;
}

class Shop {
  private intent: Intent | undefined;
  private elements: ElementsGroup | undefined;
  private shown = "";
  private readonly basket = new Basket();

  constructor(private readonly stripe: StripeClient, private readonly methods: Method[], private readonly webhooks: boolean) {
    const families = new Map<string, HTMLOptGroupElement>();
    for (const method of methods) {
      const group = families.get(method.family) ?? document.createElement("optgroup");
      group.label = called(method.family);
      group.append(new Option(`${called(method.type)} (${method.currency})`, method.type));
      families.set(method.family, group);
    }
    at("method").append(...families.values());
    at("method").addEventListener("change", () => this.chosen());
    at("make").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.attempt(() => this.make());
    });
    at("pay").addEventListener("click", () => void this.attempt(() => this.pay()));
    at("basket").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.attempt(() => this.checkout());
    });
    at("again").addEventListener("click", () => location.assign("/demo"));
    at("region").append(...Object.entries(REGIONS).map(([code, { name, currency }]) => new Option(`${name} (${currency})`, code)));
    at("region").addEventListener("change", () => this.shelf());
    dark.addEventListener("change", () => void this.elements?.update({ appearance: appearance() }));
    for (const button of ["new", "checkout"]) at<HTMLButtonElement>(button).disabled = false;
    this.shelf();
    this.chosen();
    void this.watch();
  }

  private get region(): string {
    return at<HTMLSelectElement>("region").value;
  }

  /** What is for sale, and what is in the basket. */
  private shelf(): void {
    const currency = REGIONS[this.region]?.currency ?? "eur";
    at("products").replaceChildren(...PRODUCTS.map((product) => {
      const item = document.createElement("li");
      const name = document.createElement("strong");
      name.textContent = product.name;
      const price = document.createElement("span");
      price.textContent = money(this.basket.price(product, this.region), currency);
      const count = document.createElement("span");
      count.className = "count";
      const [less = "", more = ""] = ([[-1, "−", "One less"], [1, "+", "One more"]] as const).map(([step, sign, said]) => {
        const button = document.createElement("button");
        button.textContent = sign;
        button.id = `${product.id}${step}`;
        button.setAttribute("aria-label", `${said}: ${product.name}`);
        button.addEventListener("click", () => {
          this.basket.add(product.id, step);
          this.shelf();
          at(button.id).focus();
        });
        return button;
      });
      count.append(less, String(this.basket.count(product.id)), more);
      item.append(drawn(product), name, price, count);
      return item;
    }));
    const total = this.basket.total(this.region);
    at("total").textContent = money(total, currency);
    at<HTMLButtonElement>("checkout").disabled = total === 0;
  }

  /** As a shop does it: one PaymentIntent for the basket, with whatever the account offers in its currency. */
  private async checkout(): Promise<void> {
    const currency = REGIONS[this.region]?.currency ?? "eur";
    at<HTMLDetailsElement>("types").open = false;
    await this.open({
      amount: this.basket.total(this.region), currency, automatic_payment_methods: { enabled: true },
      description: this.basket.lines(this.region).map(([line]) => line).join(", "),
    });
  }

  /** Make the intent and show the till. */
  private async open(form: Parameters<typeof encode>[0]): Promise<void> {
    this.intent = (await merchant("/v1/payment_intents", form)) as Intent;
    this.elements = this.stripe.elements({ clientSecret: String(this.intent.client_secret), appearance: appearance() });
    at("element").replaceChildren();
    this.elements.create("payment", { business: { name: "Paper & Clay" } }).mount("#element");
    at("price").textContent = money(this.intent.amount, this.intent.currency);
    at("pay").hidden = false;
    await this.look();
  }

  /** What was bought, for the buyer to keep. */
  private receipt(intent: Intent): void {
    const lines: [string, string][] = [
      ["Order", intent.description ?? "An order in the demo shop"], ["Total", money(intent.amount, intent.currency)],
      ["Paid by", called(intent.payment_method_types[0] ?? "") || "card"], ["Payment", intent.id],
    ];
    if (intent.payment_method_types.length > 1) lines.splice(2, 1);
    at("thanks").textContent = DONE[intent.status] ?? "";
    at("bought").replaceChildren(...lines.flatMap(([name, value]) => [["dt", name], ["dd", value]] as const).map(([tag, text]) => {
      const part = document.createElement(tag);
      part.textContent = text;
      return part;
    }));
    const first = at("receipt").hidden;
    at("receipt").hidden = false;
    for (const part of ["products", "basket", "types", "till"]) at(part).hidden = true;
    if (first) at("receipt").focus();
  }

  private get method(): Method {
    const chosen = at<HTMLSelectElement>("method").value;
    return this.methods.find((method) => method.type === chosen) as Method;
  }

  private chosen(): void {
    const { manual_capture, least, type } = this.method;
    const manual = at<HTMLInputElement>("manual");
    manual.disabled = !manual_capture;
    manual.checked &&= manual_capture;
    at<HTMLInputElement>("amount").value = String(Math.max(1099, least ?? 0));
    at("values").hidden = this.method.try.length === 0;
    at("values").querySelector("ul")?.replaceChildren(...this.method.try.map(({ value, what }) => {
      const item = document.createElement("li");
      const code = document.createElement("code");
      code.textContent = value;
      item.append(code, ` ${what}`);
      return item;
    }));
    at("said").textContent = type === "customer_balance" ? "The instructions are shown once you pay." : "";
  }

  private say(text: string, failed = false): void {
    at("said").textContent = text;
    at("said").classList.toggle("failed", failed);
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    const button = at<HTMLButtonElement>("pay");
    button.disabled = true;
    try {
      this.say("");
      await act();
    } catch (error) {
      this.say((error as Error).message, true);
    }
    button.disabled = false;
  }

  private async make(): Promise<void> {
    const { type, currency, needs_customer } = this.method;
    const customer = needs_customer ? (await merchant("/v1/customers", { name: "Jenny Rosen" }))["id"] : undefined;
    const country = currency === "eur" ? { type: "eu_bank_transfer", eu_bank_transfer: { country: "DE" } } : { type: "us_bank_transfer" };
    const options = needs_customer
      ? { customer_balance: { funding_type: "bank_transfer", bank_transfer: country } }
      : type === "us_bank_account" || type === "acss_debit" ? { [type]: { verification_method: "microdeposits" } } : undefined;
    await this.open({
      amount: at<HTMLInputElement>("amount").value, currency, allowed_payment_method_types: [type], customer,
      capture_method: at<HTMLInputElement>("manual").checked ? "manual" : "automatic_async",
      payment_method_options: options as never, description: "An order in the demo shop",
    });
  }

  private async pay(): Promise<void> {
    const back = `${location.origin}/demo`;
    const result = await this.stripe.confirmPayment({ elements: this.elements, confirmParams: { return_url: back }, redirect: "if_required" });
    if (result.error) this.say(result.error.message ?? result.error.type, true);
    else this.say(`Status: ${called(result.paymentIntent?.status ?? "")}.`);
    at("pay").hidden = !result.error;
    await this.look();
  }

  /** Follow the payment for as long as the page is open. */
  private async watch(): Promise<never> {
    for (;;) {
      await new Promise((tick) => setTimeout(tick, POLL_MS));
      if (this.intent && !document.hidden) await this.look().catch(() => undefined);
    }
  }

  async adopt(id: string): Promise<void> {
    this.intent = (await merchant(`/v1/payment_intents/${id}`)) as Intent;
    await this.look();
  }

  private async look(): Promise<void> {
    if (!this.intent) return;
    const [intent, events, arrived] = await Promise.all([
      merchant(`/v1/payment_intents/${this.intent.id}`),
      merchant(`/v1/events?limit=100`),
      merchant(`/arrived.json?payment_intent=${this.intent.id}`),
    ]);
    const mine = (events["data"] as Record<string, any>[]).filter((event) => {
      const object = event["data"].object;
      return object.id === intent["id"] || object.payment_intent === intent["id"];
    });
    const seen = JSON.stringify([intent, mine.map((event) => event["id"]), arrived]);
    if (seen === this.shown) return;
    this.shown = seen;
    this.show(intent as Intent, mine);
    at("arriving").hidden = !this.webhooks;
    at("webhooks").replaceChildren(...(arrived["data"] as Record<string, any>[]).map((one) => entry(one["type"], one["received"])));
  }

  private show(intent: Intent, events: Record<string, any>[]): void {
    at("none").hidden = true;
    at("live").hidden = false;
    at("id").textContent = intent.id;
    if (DONE[intent.status]) this.receipt(intent);
    at("status").textContent = called(intent.status);
    at("json").textContent = JSON.stringify(intent, null, 2);
    at("path").replaceChildren(...STATUSES.map((status) => {
      const item = document.createElement("li");
      item.textContent = called(status);
      if (status === intent.status) item.setAttribute("aria-current", "step");
      return item;
    }));
    at("events").replaceChildren(...events.reverse().map((event) => entry(event["type"], event["created"])));
    at("actions").replaceChildren(...this.actions(intent));
  }

  /** What the merchant can do now, and how time is helped along in test mode. */
  private actions(intent: Intent): HTMLElement[] {
    const path = `/v1/payment_intents/${intent.id}`;
    const offers: [string, string, Record<string, any>][] = [];
    if (intent.status === "requires_capture") offers.push(["Capture", `${path}/capture`, {}]);
    if (!["succeeded", "canceled", "processing"].includes(intent.status)) offers.push(["Cancel", `${path}/cancel`, {}]);
    if (intent.status === "succeeded") offers.push(["Refund", "/v1/refunds", { payment_intent: intent.id }]);
    if (["processing", "requires_capture", "requires_action"].includes(intent.status)) {
      offers.push(["A week later", `/v1/test_helpers/payment_intents/${intent.id}/fast_forward`, { seconds: 7 * 86_400 }]);
    }
    if (intent.next_action?.type === "display_bank_transfer_instructions") {
      const fund = `/v1/test_helpers/customers/${(intent as Record<string, any>)["customer"]}/fund_cash_balance`;
      offers.push(["The transfer arrives", fund, { amount: intent["amount"], currency: intent["currency"] }]);
    }
    const buttons: HTMLElement[] = offers.map(([name, where, form]) => {
      const button = document.createElement("button");
      button.textContent = name;
      button.addEventListener("click", () => void this.attempt(async () => {
        await merchant(where, form);
        await this.look();
      }));
      return button;
    });
    const details = ((intent.next_action as Record<string, any> | null)?.[String(intent.next_action?.type)] ?? {}) as Record<string, unknown>;
    const url = Object.entries(details).find(([name, value]) => name.startsWith("hosted_") && typeof value === "string");
    if (url) {
      const link = document.createElement("a");
      link.href = String(url[1]);
      link.target = "_blank";
      link.textContent = "Open the buyer's page";
      buttons.push(link);
    }
    return buttons;
  }
}

async function open(): Promise<void> {
  const facts = (await (await fetch("/demo/facts.json")).json()) as { key: string; methods: Method[]; webhooks: boolean };
  const make = (window as unknown as { Stripe: (key: string) => StripeClient }).Stripe;
  const shop = new Shop(make(facts.key), facts.methods, facts.webhooks);
  const returned = new URLSearchParams(location.search).get("payment_intent");
  if (returned) await shop.adopt(returned);
}

open().catch((error: Error) => {
  at("said").textContent = `The shop could not be opened: ${error.message}`;
  at("said").classList.add("failed");
});
