/** What Stripe.js can do and Perdure does not: each is answered in Stripe's way, with a sentence that says what to use. */

import type { ElementsGroup } from "./elements";
import { Listeners, type Listener } from "./listeners";
import type { ApiError } from "./protocol";

const ADVICE = {
  collectBankAccountToken: "Financial Connections sessions are not offered here. Use stripe.collectBankAccountForPayment(), or stripe.createToken('bank_account') with a number that you know.",
  collectFinancialConnectionsAccounts: "Financial Connections sessions are not offered here. Use stripe.collectBankAccountForPayment() to have a bank account linked.",
  createEphemeralKeyNonce: "Card issuing is not offered here, so there are no ephemeral keys.",
  createRadarSession: "Radar sessions are not offered here. Confirm without radar_options.",
  createSource: "Sources are not offered here. Use stripe.createPaymentMethod() instead.",
  processOrder: "Orders are not offered here. Use stripe.confirmPayment() with a PaymentIntent instead.",
  redirectToCheckout: "Checkout pages are not offered here. Use the Payment Element and stripe.confirmPayment() instead.",
  retrieveOrder: "Orders are not offered here. Use stripe.retrievePaymentIntent() instead.",
  retrieveSource: "Sources are not offered here. Use stripe.retrievePaymentIntent() instead.",
  verifyIdentity: "Identity checks are not offered here. Use whoever checks identities for you, before the payment.",
} as const;
export type Refused = keyof typeof ADVICE;
export const REFUSED = Object.keys(ADVICE) as Refused[];

const CHECKOUT = "Checkout Sessions are not offered here. Create a PaymentIntent, and use stripe.elements() and stripe.confirmPayment() instead.";

const refusal = (message: string): ApiError => ({ type: "invalid_request_error", message });

/** A promise of the error, as each of these methods gives it. */
export const refuse = (name: Refused): Promise<{ error: ApiError }> => Promise.resolve({ error: refusal(ADVICE[name]) });

/** A page of Stripe's that a merchant mounts: it mounts, and says what to use. */
export class Page {
  readonly error: ApiError;

  constructor(what: string) {
    this.error = refusal(`${what} are not offered here. Use the Payment Element and stripe.confirmPayment() instead.`);
  }

  mount(target: string | HTMLElement): void {
    const box = typeof target === "string" ? document.querySelector<HTMLElement>(target) : target;
    const said = document.createElement("p");
    said.setAttribute("role", "alert");
    said.textContent = this.error.message ?? "";
    box?.replaceChildren(said);
  }

  on(): this {
    return this;
  }

  off(): this {
    return this;
  }

  unmount(): void {}
  destroy(): void {}
}

/** `initCheckoutElementsSdk()` and `initCheckoutFormSdk()`: elements that mount, and a session that cannot be loaded. */
export function checkout(group: ElementsGroup): object {
  const made = (type: string, options: object = {}): unknown => group.getElement(type) ?? group.create(type, { ...options });
  const types = { Payment: "payment", ExpressCheckout: "expressCheckout", CurrencySelector: "currencySelector", TaxId: "taxId",
                  ContactDetails: "contactDetails", Terms: "terms", LinkSignup: "linkSignup", ShippingAddress: "shippingAddress",
                  PaymentForm: "paymentForm" };
  const factories: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(types)) {
    factories[`create${name}Element`] = (options?: object) => made(type, options);
    factories[`get${name}Element`] = () => group.getElement(type);
  }
  for (const mode of ["billing", "shipping"]) {
    const name = mode === "billing" ? "BillingAddress" : "ShippingAddress";
    factories[`create${name}Element`] = (options?: object) => group.create("address", { ...options, mode });
    factories[`get${name}Element`] = () => group.getElement("address", { mode });
  }
  const error = { message: CHECKOUT, code: null };
  return {
    ...factories,
    createForm: (options?: object) => made("paymentForm", options),
    getForm: () => group.getElement("paymentForm"),
    on: () => undefined,
    loadActions: () => Promise.resolve({ type: "error", error }),
    changeAppearance: (appearance: never) => void group.update({ appearance }),
    loadFonts: (fonts: never) => void group.update({ fonts }),
  };
}

/** The browser's own payment sheet. No wallet is behind it here, so it cannot pay, which is a usual answer of it. */
export class PaymentRequest {
  private readonly listeners = new Listeners();

  canMakePayment(): Promise<null> {
    return Promise.resolve(null);
  }

  isShowing(): boolean {
    return false;
  }

  show(): void {
    this.listeners.emit("cancel", {});
  }

  abort(): void {}
  update(): void {}

  on(name: string, listener: Listener): this {
    this.listeners.on(name, listener);
    return this;
  }

  once(name: string, listener: Listener): this {
    this.listeners.once(name, listener);
    return this;
  }

  off(name: string, listener?: Listener): this {
    this.listeners.off(name, listener);
    return this;
  }
}
