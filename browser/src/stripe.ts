/** `window.Stripe(key)`: what a front end written for Stripe.js calls, on Perdure. */

import type {
  ConfirmationTokenResult, PaymentIntent, PaymentIntentResult, PaymentMethodResult, SetupIntentResult,
  TokenResult,
} from "@stripe/stripe-js";

import { act, failed, found, intentIn, leaving, retrieve, settled, type Outcome } from "./actions";
import { ask } from "./api";
import { ACCOUNTS, LEFT_TO_THE_MERCHANT, PAYMENTS, SETUPS } from "./confirmations";
import { FramedElement, type Home } from "./element";
import { ElementsGroup, type ElementsOptions } from "./elements";
import { IntegrationError } from "./errors";
import { intentOf, PAYMENT, SETUP, type Kind } from "./kinds";
import { show } from "./modal";
import { unguessable, type Answer, type Form } from "./protocol";
import { checkout, Page, PaymentRequest, refuse, REFUSED } from "./refusals";
import { tokenOf } from "./tokens";

type Given = Record<string, unknown>;

export interface StripeOptions {
  stripeAccount?: string;
  apiVersion?: string;
  locale?: string;
  /** Of Stripe's own trials: their names are heard, and mean nothing here. */
  betas?: string[];
}

interface Linking {
  clientSecret: string;
  params: object;
  expand?: string[];
}

export class StripeClient {
  private readonly home: Home;
  readonly _apiKey: string;
  private readonly confirming = new Map<ElementsGroup, Promise<Outcome>>();

  constructor(origin: string, key: unknown, private readonly options: StripeOptions = {}) {
    if (typeof key !== "string" || key === "") {
      throw new IntegrationError("Missing value for Stripe(): apiKey should be a string.");
    }
    if (/^(sk|rk)_/.test(key)) {
      throw new IntegrationError("You should not use your secret key with Stripe.js. Please pass a publishable key instead.");
    }
    // What follows a version's date there names trials of Stripe's.
    const version = options.apiVersion?.split(";")[0]?.trim();
    this.home = { origin, key, signature: { _stripe_account: options.stripeAccount, _stripe_version: version } };
    this._apiKey = key;
    const named = this as unknown as Record<string, unknown>;
    for (const [kind, types] of [[PAYMENT, PAYMENTS], [SETUP, SETUPS]] as const) {
      for (const [name, type] of Object.entries(types)) {
        named[name] = (secret: unknown, data?: Given, how?: { handleActions?: boolean }) =>
          this.confirmType(kind, name, type, secret, data, how);
      }
    }
    for (const name of REFUSED) named[name] = () => refuse(name);
  }

  /** Stripe counts which wrapper called it, and for which app; Perdure counts nobody, so neither is kept or sent. */
  _registerWrapper(): void {}

  /** As above. */
  registerAppInfo(): void {}

  elements(options: ElementsOptions = {}): ElementsGroup {
    return new ElementsGroup(this.home, options, this.options.locale ?? "auto");
  }

  paymentRequest(): PaymentRequest {
    return new PaymentRequest();
  }

  initCheckoutElementsSdk(options: { elementsOptions?: object } = {}): object {
    return checkout(this.elements({ ...options.elementsOptions, mode: "payment" }));
  }

  initCheckoutFormSdk(options: { appearance?: object } = {}): object {
    return checkout(this.elements({ appearance: options.appearance as Form, mode: "payment" }));
  }

  createEmbeddedCheckoutPage(): Promise<Page> {
    return Promise.resolve(new Page("Checkout pages"));
  }

  initializePricing(): Promise<Page> {
    return Promise.resolve(new Page("Pricing tables"));
  }

  async retrievePaymentIntent(secret: unknown): Promise<PaymentIntentResult> {
    this.known(PAYMENT, "retrievePaymentIntent", secret);
    return retrieve(this.home, String(secret)) as Promise<PaymentIntentResult>;
  }

  async retrieveSetupIntent(secret: unknown): Promise<SetupIntentResult> {
    this.known(SETUP, "retrieveSetupIntent", secret);
    return retrieve(this.home, String(secret)) as Promise<SetupIntentResult>;
  }

  async createPaymentMethod(data: object): Promise<PaymentMethodResult> {
    const given = { ...data } as Given;
    const answer = "elements" in given || given["element"] instanceof FramedElement
      ? await this.fromElements(given, "/v1/payment_methods", "") : await this.fromData(given);
    if (answer.error) return failed(answer.error);
    return { paymentMethod: answer.object } as unknown as PaymentMethodResult;
  }

  private fromElements(given: Given, path: string, place: "" | "payment_method_data"): Promise<Answer> {
    const form = this.signed({ ...((given["params"] ?? {}) as Form) });
    const { element } = given;
    return element instanceof FramedElement ? element.send(path, form, place) : this.group(given["elements"]).send(path, form, place);
  }

  private fromData(given: Given): Promise<Answer> {
    const { element, data } = separated(given);
    const form = this.signed(data);
    return element ? element.send("/v1/payment_methods", form, "") : ask(this.home.origin, "POST", "/v1/payment_methods", form);
  }

  async createConfirmationToken(data: object): Promise<ConfirmationTokenResult> {
    const answer = await this.fromElements({ ...data }, "/v1/confirmation_tokens", "payment_method_data");
    if (answer.error) return failed(answer.error);
    return { confirmationToken: answer.object } as unknown as ConfirmationTokenResult;
  }

  async createToken(what: unknown, data?: object): Promise<TokenResult> {
    const answer = await tokenOf(this.home, what, { ...data } as Form);
    if (answer.error) return failed(answer.error);
    return { token: answer.object } as unknown as TokenResult;
  }

  confirmPayment(given: Given): Promise<Outcome> {
    return this.once(PAYMENT, given);
  }

  confirmSetup(given: Given): Promise<Outcome> {
    return this.once(SETUP, given);
  }

  /** A buyer who presses twice has confirmed once, and both are told what became of it. */
  private once(kind: Kind, given: Given): Promise<Outcome> {
    const { elements } = given;
    const under = elements instanceof ElementsGroup ? this.confirming.get(elements) : undefined;
    if (under) return under;
    const outcome = this.confirm(kind, given);
    if (elements instanceof ElementsGroup) {
      this.confirming.set(elements, outcome);
      const over = (): unknown => this.confirming.delete(elements);
      outcome.then(over, over);
      // Whoever comes back from their bank by the button has to be able to try again.
      addEventListener("pageshow", over, { once: true });
    }
    return outcome;
  }

  private async confirm(kind: Kind, given: Given): Promise<Outcome> {
    const name = `confirm${kind.name}`;
    const elements = given["elements"] instanceof ElementsGroup ? given["elements"] : undefined;
    const secret = given["clientSecret"] ?? elements?.clientSecret;
    const id = this.known(kind, name, secret);
    const params = (given["confirmParams"] ?? {}) as Form;
    const always = given["redirect"] !== "if_required";
    if (always && typeof params["return_url"] !== "string") {
      throw new IntegrationError(`${name}(): you must provide a return_url in confirmParams, unless redirect is 'if_required'.`);
    }
    if (elements?.deferred && !elements.wasSubmitted) {
      throw new IntegrationError(`elements.submit() must be called before stripe.${name}().`);
    }
    const form = this.signed({ ...params, client_secret: String(secret), use_stripe_sdk: true });
    const path = `${kind.path}/${id}/confirm`;
    const chosen = params["payment_method"] ?? params["confirmation_token"];
    const answer = elements && chosen === undefined
      ? await elements.send(path, form, "payment_method_data")
      : await ask(this.home.origin, "POST", path, form);
    const outcome = await this.followed(kind, await settled(this.home, kind, String(secret), answer));
    if (outcome.error || !found(outcome) || !always) return outcome;
    return leaving(returning(String(params["return_url"]), kind, outcome));
  }

  private async confirmType(
    kind: Kind, name: string, type: string, secret: unknown, given: Given = {}, how: { handleActions?: boolean } = {},
  ): Promise<Outcome> {
    const id = this.known(kind, name, secret);
    const { payment_method: method, ...rest } = given;
    const common = { ...(rest as Form), client_secret: String(secret), use_stripe_sdk: true, expected_payment_method_type: type };
    const path = `${kind.path}/${id}/confirm`;
    const post = (form: Form): Promise<Answer> => ask(this.home.origin, "POST", path, this.signed({ ...common, ...form }));
    let answer: Answer;
    if (typeof method === "string") {
      answer = await post({ payment_method: method });
    } else if (method !== undefined && method !== null) {
      const { element, data } = separated({ type, ...(method as Given) });
      if (!element && type in ACCOUNTS && !data[type]) return this.linked(kind, type, data, post, String(secret));
      const form = this.signed({ ...common, payment_method_data: data });
      answer = element ? await element.send(path, form, "payment_method_data") : await post({ payment_method_data: data });
    } else {
      const known = await retrieve(this.home, String(secret));
      const intent = found(known);
      if (known.error || intent?.status === "requires_action") return how.handleActions === false ? known : this.followed(kind, known);
      answer = await post(intent?.payment_method || type === "card" ? {} : { payment_method_data: { type } });
    }
    const outcome = await settled(this.home, kind, String(secret), answer);
    return how.handleActions === false ? outcome : this.followed(kind, outcome);
  }

  /** The account is asked for in a dialog; whoever closes it has named none, and the intent is as it was. */
  private async linked(kind: Kind, type: string, data: Form, post: (form: Form) => Promise<Answer>, secret: string): Promise<Outcome> {
    const { account } = await show(`${this.home.origin}/bank_accounts/link?type=${type}`, "Link a bank account");
    if (account === undefined) return retrieve(this.home, secret);
    const answer = await post({ payment_method_data: { ...data, [type]: { ...ACCOUNTS[type], account_number: account } } });
    return this.followed(kind, intentIn(kind, answer));
  }

  private followed(kind: Kind, outcome: Outcome): Promise<Outcome> | Outcome {
    const intent = found(outcome);
    const left = LEFT_TO_THE_MERCHANT.includes(intent?.next_action?.type ?? "");
    return intent && !left ? act(this.home, kind, intent) : outcome;
  }

  handleNextAction(given: { clientSecret?: string; hashedValue?: string }): Promise<Outcome> {
    return this.handle("handleNextAction", given.clientSecret);
  }

  handleCardAction(secret: unknown): Promise<PaymentIntentResult> {
    return this.handle("handleCardAction", secret) as Promise<PaymentIntentResult>;
  }

  private async handle(name: string, secret: unknown): Promise<Outcome> {
    const kind = intentOf(secret)?.kind ?? PAYMENT;
    this.known(kind, name, secret);
    const outcome = await retrieve(this.home, String(secret));
    const intent = found(outcome);
    if (!intent) return outcome;
    if (intent.status !== "requires_action") {
      const message = `${name}: The ${kind.name}Intent supplied is not in the requires_action state.`;
      return failed({ type: "invalid_request_error", code: `${kind.query}_unexpected_state`, message, [kind.query]: intent });
    }
    return act(this.home, kind, intent);
  }

  collectBankAccountForPayment(given: Linking): Promise<PaymentIntentResult> {
    return this.collect(PAYMENT, given) as Promise<PaymentIntentResult>;
  }

  collectBankAccountForSetup(given: Linking): Promise<SetupIntentResult> {
    return this.collect(SETUP, given) as Promise<SetupIntentResult>;
  }

  /** The buyer links a bank account in a dialog; whoever closes it has linked none, and the intent is as it was. */
  private async collect(kind: Kind, given: Linking): Promise<Outcome> {
    const name = `collectBankAccountFor${kind.name}`;
    const id = this.known(kind, name, given.clientSecret);
    const params = given.params as { payment_method_type?: string; payment_method_data?: { billing_details?: Form } };
    const billing = params.payment_method_data?.billing_details;
    const type = params.payment_method_type;
    if (type !== "us_bank_account") throw new IntegrationError(`${name}(): params.payment_method_type should be 'us_bank_account'.`);
    if (!billing?.["name"]) {
      throw new IntegrationError(`${name}(): params.payment_method_data.billing_details.name is missing.`);
    }
    const { account } = await show(`${this.home.origin}/bank_accounts/link`, "Link a bank account");
    if (account === undefined) return retrieve(this.home, given.clientSecret);
    const linked = { ...ACCOUNTS[type], account_number: account, financial_connections_account: `fca_1${unguessable().slice(0, 23)}` };
    const data = { type, billing_details: billing, [type]: linked };
    const form = this.signed({ client_secret: given.clientSecret, expand: given.expand, payment_method_data: data });
    return intentIn(kind, await ask(this.home.origin, "POST", `${kind.path}/${id}/collect_bank_account`, form));
  }

  verifyMicrodepositsForPayment(secret: unknown, given: object = {}): Promise<PaymentIntentResult> {
    return this.verify(PAYMENT, secret, given) as Promise<PaymentIntentResult>;
  }

  verifyMicrodepositsForSetup(secret: unknown, given: object = {}): Promise<SetupIntentResult> {
    return this.verify(SETUP, secret, given) as Promise<SetupIntentResult>;
  }

  private async verify(kind: Kind, secret: unknown, given: object): Promise<Outcome> {
    const id = this.known(kind, `verifyMicrodepositsFor${kind.name}`, secret);
    const form = this.signed({ ...given, client_secret: String(secret) });
    return intentIn(kind, await ask(this.home.origin, "POST", `${kind.path}/${id}/verify_microdeposits`, form));
  }

  private known(kind: Kind, name: string, secret: unknown): string {
    const intent = intentOf(secret, kind);
    if (!intent) {
      throw new IntegrationError(
        `Invalid value for stripe.${name} intent secret: value should be a client secret of the form ` +
          `\${id}_secret_\${secret}. You specified: ${String(secret)}.`,
      );
    }
    return intent.id;
  }

  private group(elements: unknown): ElementsGroup {
    if (elements instanceof ElementsGroup) return elements;
    throw new IntegrationError("elements should have a mounted Payment Element or card Element.");
  }

  private signed(form: Form): Form {
    return { ...form, key: this.home.key, ...this.home.signature };
  }
}

/** A payment method's data, and the element that holds the rest of it. */
function separated(given: Given): { element?: FramedElement; data: Form } {
  const data: Given = { ...given };
  let element: FramedElement | undefined;
  for (const [name, value] of Object.entries(given)) {
    if (value instanceof FramedElement) {
      element = value;
      delete data[name];
    }
  }
  return { ...(element ? { element } : {}), data: data as Form };
}

/** The merchant's page, told what became of the payment. */
export function returning(url: string, kind: Kind, outcome: Outcome): string {
  const intent = found(outcome) as PaymentIntent;
  const back = new URL(url, location.href);
  back.searchParams.set(kind.query, intent.id);
  back.searchParams.set(`${kind.query}_client_secret`, String(intent.client_secret));
  const status = intent.status === "processing" || intent.status === "requires_action" ? "pending" : "succeeded";
  back.searchParams.set("redirect_status", status);
  return back.href;
}
