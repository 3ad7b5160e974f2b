/** `window.Stripe(key)`: what a front end written for Stripe.js calls, on Perdure. */

import type {
  ConfirmationTokenResult, PaymentMethodResult, Stripe as Theirs, TokenResult,
} from "@stripe/stripe-js";

import { act, failed, intentIn, leaving, retrieve, type Intent, type Outcome } from "./actions";
import { ask, intentOf } from "./api";
import { FramedElement, type Home } from "./element";
import { ElementsGroup, type ElementsOptions } from "./elements";
import { IntegrationError } from "./errors";
import { show } from "./modal";
import { unguessable, type Answer, type Form } from "./protocol";

type Given = Record<string, unknown>;

/** `confirm…Payment` of each type of payment method, by the name Stripe.js has for it. */
type Confirming = Exclude<Extract<keyof Theirs, `confirm${string}Payment`>, "confirmPayment">;
export const CONFIRMATIONS: Record<Confirming, string> = {
  confirmAcssDebitPayment: "acss_debit", confirmAffirmPayment: "affirm", confirmAfterpayClearpayPayment: "afterpay_clearpay",
  confirmAlipayPayment: "alipay", confirmAuBecsDebitPayment: "au_becs_debit", confirmBancontactPayment: "bancontact",
  confirmBilliePayment: "billie", confirmBlikPayment: "blik", confirmBoletoPayment: "boleto", confirmCardPayment: "card",
  confirmCashappPayment: "cashapp", confirmCustomerBalancePayment: "customer_balance", confirmEpsPayment: "eps",
  confirmFpxPayment: "fpx", confirmGiropayPayment: "giropay", confirmGrabPayPayment: "grabpay", confirmIdealPayment: "ideal",
  confirmKlarnaPayment: "klarna", confirmKonbiniPayment: "konbini", confirmMobilepayPayment: "mobilepay",
  confirmMultibancoPayment: "multibanco", confirmOxxoPayment: "oxxo", confirmP24Payment: "p24",
  confirmPayByBankPayment: "pay_by_bank", confirmPayNowPayment: "paynow", confirmPayPalPayment: "paypal",
  confirmPixPayment: "pix", confirmPromptPayPayment: "promptpay", confirmSepaDebitPayment: "sepa_debit",
  confirmSofortPayment: "sofort", confirmTwintPayment: "twint", confirmUsBankAccountPayment: "us_bank_account",
  confirmWechatPayPayment: "wechat_pay",
};

/** Types whose buyers are asked for something after this call by the merchant's own page. */
const LEFT_TO_THE_MERCHANT = ["verify_with_microdeposits", "display_bank_transfer_instructions"];

/** Of the only bank that there is in test mode. */
const TEST_ROUTING_NUMBER = "110000000";

export class StripeClient {
  private readonly home: Home;
  readonly _apiKey: string;

  constructor(origin: string, key: unknown, private readonly options: { stripeAccount?: string; apiVersion?: string } = {}) {
    if (typeof key !== "string" || key === "") {
      throw new IntegrationError("Missing value for Stripe(): apiKey should be a string.");
    }
    if (/^(sk|rk)_/.test(key)) {
      throw new IntegrationError("You should not use your secret key with Stripe.js. Please pass a publishable key instead.");
    }
    this.home = { origin, key };
    this._apiKey = key;
    const confirming = this as unknown as Record<string, unknown>;
    for (const [name, type] of Object.entries(CONFIRMATIONS)) {
      confirming[name] = (secret: unknown, data?: Given, how?: { handleActions?: boolean }) =>
        this.confirmType(name, type, secret, data, how);
    }
  }

  /** Stripe counts which wrapper called it, and for which app; Perdure counts nobody, so neither is kept or sent. */
  _registerWrapper(): void {}

  /** As above. */
  registerAppInfo(): void {}

  elements(options: ElementsOptions = {}): ElementsGroup {
    return new ElementsGroup(this.home, options);
  }

  async retrievePaymentIntent(secret: unknown): Promise<Outcome> {
    return retrieve(this.home, this.known("retrievePaymentIntent", secret), String(secret));
  }

  /** Charges from tokens are older than PaymentIntents, and not offered; react-stripe-js looks for the method. */
  async createToken(): Promise<TokenResult> {
    const message = "Tokens are not offered here. Use stripe.createPaymentMethod() or stripe.confirmCardPayment() instead.";
    return failed({ type: "invalid_request_error", message });
  }

  async createPaymentMethod(data: object): Promise<PaymentMethodResult> {
    const given = { ...data } as Given;
    const answer = "elements" in given ? await this.fromElements(given) : await this.fromData(given);
    if (answer.error) return failed(answer.error);
    return { paymentMethod: answer.object } as unknown as PaymentMethodResult;
  }

  private fromElements(given: Given): Promise<Answer> {
    const params = (given["params"] ?? {}) as Form;
    return this.paying(given["elements"]).send("/v1/payment_methods", this.signed({ ...params }), "");
  }

  private fromData(given: Given): Promise<Answer> {
    const { element, data } = separated(given);
    const form = this.signed(data);
    return element ? element.send("/v1/payment_methods", form, "") : ask(this.home.origin, "POST", "/v1/payment_methods", form);
  }

  async createConfirmationToken(data: object): Promise<ConfirmationTokenResult> {
    const given = { ...data } as Given;
    const params = (given["params"] ?? {}) as Form;
    const form = this.signed({ ...params });
    const answer = await this.paying(given["elements"]).send("/v1/confirmation_tokens", form, "payment_method_data");
    if (answer.error) return failed(answer.error);
    return { confirmationToken: answer.object } as unknown as ConfirmationTokenResult;
  }

  async confirmPayment(given: Given): Promise<Outcome> {
    const elements = given["elements"] instanceof ElementsGroup ? given["elements"] : undefined;
    const secret = given["clientSecret"] ?? elements?.clientSecret;
    const id = this.known("confirmPayment", secret);
    const params = (given["confirmParams"] ?? {}) as Form;
    const always = given["redirect"] !== "if_required";
    if (always && typeof params["return_url"] !== "string") {
      throw new IntegrationError("confirmPayment(): you must provide a return_url in confirmParams, unless redirect is 'if_required'.");
    }
    if (elements?.deferred && !elements.wasSubmitted) {
      throw new IntegrationError("elements.submit() must be called before stripe.confirmPayment().");
    }
    const form = this.signed({ ...params, client_secret: String(secret), use_stripe_sdk: true });
    const path = `/v1/payment_intents/${id}/confirm`;
    const answer = elements
      ? await this.paying(elements).send(path, form, "payment_method_data")
      : await ask(this.home.origin, "POST", path, form);
    const outcome = await this.followed(intentIn(answer));
    if (outcome.error || !outcome.paymentIntent || !always) return outcome;
    return leaving(returning(String(params["return_url"]), outcome.paymentIntent));
  }

  private async confirmType(
    name: string, type: string, secret: unknown, given: Given = {}, how: { handleActions?: boolean } = {},
  ): Promise<Outcome> {
    const id = this.known(name, secret);
    const { payment_method: method, ...rest } = given;
    const common = { ...(rest as Form), client_secret: String(secret), use_stripe_sdk: true, expected_payment_method_type: type };
    const path = `/v1/payment_intents/${id}/confirm`;
    let answer: Answer;
    if (typeof method === "string") {
      answer = await ask(this.home.origin, "POST", path, this.signed({ ...common, payment_method: method }));
    } else if (method !== undefined && method !== null) {
      const { element, data } = separated({ type, ...(method as Given) });
      const form = this.signed({ ...common, payment_method_data: data });
      answer = element ? await element.send(path, form, "payment_method_data") : await ask(this.home.origin, "POST", path, form);
    } else {
      answer = await ask(this.home.origin, "POST", path, this.signed(common));
    }
    const outcome = intentIn(answer);
    return how.handleActions === false ? outcome : this.followed(outcome);
  }

  private followed(outcome: Outcome): Promise<Outcome> | Outcome {
    const intent = outcome.paymentIntent;
    const left = LEFT_TO_THE_MERCHANT.includes(intent?.next_action?.type ?? "");
    return intent && !left ? act(this.home, intent) : outcome;
  }

  async handleNextAction(given: { clientSecret?: string; hashedValue?: string }): Promise<Outcome> {
    return this.handle("handleNextAction", given.clientSecret);
  }

  async handleCardAction(secret: unknown): Promise<Outcome> {
    return this.handle("handleCardAction", secret);
  }

  private async handle(name: string, secret: unknown): Promise<Outcome> {
    const found = await retrieve(this.home, this.known(name, secret), String(secret));
    if (!found.paymentIntent) return found;
    if (found.paymentIntent.status !== "requires_action") {
      const message = `${name}: The PaymentIntent supplied is not in the requires_action state.`;
      return failed({ type: "invalid_request_error", code: "payment_intent_unexpected_state", message,
                      payment_intent: found.paymentIntent });
    }
    return act(this.home, found.paymentIntent);
  }

  /** The buyer links a bank account in a dialog; whoever closes it has linked none, and the intent is as it was. */
  async collectBankAccountForPayment(given: { clientSecret: string; params: object; expand?: string[] }): Promise<Outcome> {
    const id = this.known("collectBankAccountForPayment", given.clientSecret);
    const params = given.params as { payment_method_type?: string; payment_method_data?: { billing_details?: Form } };
    const billing = params.payment_method_data?.billing_details;
    if (params.payment_method_type !== "us_bank_account") {
      throw new IntegrationError("collectBankAccountForPayment(): params.payment_method_type should be 'us_bank_account'.");
    }
    if (!billing?.["name"]) {
      throw new IntegrationError("collectBankAccountForPayment(): params.payment_method_data.billing_details.name is missing.");
    }
    const { account } = await show(`${this.home.origin}/bank_accounts/link`, "Link a bank account");
    if (account === undefined) return retrieve(this.home, id, given.clientSecret);
    const linked = { account_holder_type: "individual", routing_number: TEST_ROUTING_NUMBER, account_number: account,
                     financial_connections_account: `fca_1${unguessable().slice(0, 23)}` };
    const data = { type: "us_bank_account", billing_details: billing, us_bank_account: linked };
    const form = this.signed({ client_secret: given.clientSecret, expand: given.expand, payment_method_data: data });
    return intentIn(await ask(this.home.origin, "POST", `/v1/payment_intents/${id}/collect_bank_account`, form));
  }

  async verifyMicrodepositsForPayment(secret: unknown, given: Form = {}): Promise<Outcome> {
    const id = this.known("verifyMicrodepositsForPayment", secret);
    const form = this.signed({ ...given, client_secret: String(secret) });
    return intentIn(await ask(this.home.origin, "POST", `/v1/payment_intents/${id}/verify_microdeposits`, form));
  }

  private known(name: string, secret: unknown): string {
    const id = intentOf(secret);
    if (!id) {
      throw new IntegrationError(
        `Invalid value for stripe.${name} intent secret: value should be a client secret of the form ` +
          `\${id}_secret_\${secret}. You specified: ${String(secret)}.`,
      );
    }
    return id;
  }

  private paying(elements: unknown): FramedElement {
    const element = elements instanceof ElementsGroup ? elements.paying() : elements;
    if (element instanceof FramedElement) return element;
    throw new IntegrationError("elements should have a mounted Payment Element or card Element.");
  }

  private signed(form: Form): Form {
    const { stripeAccount, apiVersion } = this.options;
    return { ...form, key: this.home.key, _stripe_account: stripeAccount, _stripe_version: apiVersion };
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
export function returning(url: string, intent: Intent): string {
  const back = new URL(url, location.href);
  back.searchParams.set("payment_intent", intent.id);
  back.searchParams.set("payment_intent_client_secret", String(intent.client_secret));
  const status = intent.status === "processing" || intent.status === "requires_action" ? "pending" : "succeeded";
  back.searchParams.set("redirect_status", status);
  return back.href;
}
