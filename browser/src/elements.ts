/** `stripe.elements()`: the fields that belong together, and what they are to pay for. */

import { ask } from "./api";
import { FramedElement, type Group, type Home } from "./element";
import { IntegrationError } from "./errors";
import { faces } from "./fonts";
import { intentOf } from "./kinds";
import { Listeners, type Listener } from "./listeners";
import { NOTHING, offered, type Offered } from "./offers";
import { FIELD_TYPES, unguessable, type Answer, type ApiError, type FieldType, type Form } from "./protocol";

export interface ElementsOptions {
  clientSecret?: string;
  customerSessionClientSecret?: string;
  mode?: "payment" | "setup" | "subscription";
  amount?: number;
  currency?: string;
  allowedPaymentMethodTypes?: string[];
  paymentMethodTypes?: string[];
  payment_method_types?: string[];
  appearance?: Form;
  locale?: string;
  [more: string]: unknown;
}

/** Any of these holds what is to be paid with; the first that there is does. */
const PAYING: readonly FieldType[] = ["payment", "paymentForm", "card", "cardNumber", "iban", "auBankAccount", "idealBank", "epsBank", "p24Bank", "fpxBank"];
/** These have to know what there is to pay; all others are of one type of payment method, or of none. */
const CURIOUS: readonly FieldType[] = ["payment", "paymentForm", "expressCheckout", "terms"];
/** Who the buyer is, asked by an element of its own. */
const EMAIL: readonly FieldType[] = ["linkAuthentication", "linkSignup", "contactDetails"];
const ADDRESSES: readonly FieldType[] = ["address", "shippingAddress"];
const NEEDS_INTENT: readonly FieldType[] = ["payment", "paymentForm", "expressCheckout"];
const NO_ISSUING: ApiError = { type: "invalid_request_error", message: "Card issuing is not offered here, so there is no card to show." };
const CALLED: Partial<Record<FieldType, string>> = { payment: "payment element", expressCheckout: "express checkout element" };

export class ElementsGroup {
  private readonly made = new Map<string, FramedElement>();
  private readonly listeners = new Listeners();
  private readonly belongs: Group;
  private submitted = false;
  private wallet: string | undefined;
  private known: Promise<Offered> | undefined;

  constructor(
    private readonly home: Home,
    private options: ElementsOptions,
    locale: string,
  ) {
    if (options.clientSecret !== undefined && intentOf(options.clientSecret) === undefined) {
      throw new IntegrationError(
        "Invalid value for elements(): clientSecret should be a client secret of the form ${id}_secret_${secret}. " +
          `You specified: ${options.clientSecret}.`,
      );
    }
    this.belongs = {
      id: unguessable(),
      locale: options.locale ?? locale,
      about: (type) => this.about(type),
      gone: (element) => this.forget(element),
      express: (wallet) => (this.wallet = wallet),
    };
  }

  get clientSecret(): string | undefined {
    return this.options.clientSecret;
  }

  get deferred(): boolean {
    return this.options.clientSecret === undefined && this.options.mode !== undefined;
  }

  get wasSubmitted(): boolean {
    return this.submitted;
  }

  create(type: string, options: Form = {}): FramedElement {
    const known = FIELD_TYPES.find((field) => field === type);
    if (!known) throw new IntegrationError(`A valid Element name must be provided. Valid Elements are: ${FIELD_TYPES.join(", ")}; you passed: ${type}.`);
    const element = new FramedElement(this.home, known, this.belongs, { ...options });
    const name = key(known, element.mode);
    if (this.made.has(name)) throw new IntegrationError(`Can only create one Element of type ${type} through this Elements instance.`);
    if (known === "address" && !["billing", "shipping"].includes(element.mode)) {
      throw new IntegrationError("In order to create an address element, you must pass mode: 'billing' or 'shipping'.");
    }
    if (NEEDS_INTENT.includes(known) && !this.clientSecret && !this.deferred) {
      const called = CALLED[known] ?? known;
      throw new IntegrationError(`In order to create a ${called}, you must pass a clientSecret or mode when creating the Elements group.`);
    }
    void this.dressed().then((look) => element.update(look));
    element.update({ appearance: this.options.appearance });
    this.made.set(name, element);
    return element;
  }

  private async dressed(): Promise<Form> {
    const found = await faces(this.options["fonts"]);
    return found.length ? { fonts: found } : {};
  }

  getElement(type: string | { __elementType?: string }, options: { mode?: string } = {}): FramedElement | null {
    const name = String(typeof type === "string" ? type : type.__elementType) as FieldType;
    if (name !== "address") return this.made.get(name) ?? null;
    return this.elements(["address"]).find((element) => !options.mode || element.mode === options.mode) ?? null;
  }

  private forget(element: FramedElement): void {
    for (const [name, made] of this.made) if (made === element) this.made.delete(name);
  }

  private elements(types: readonly FieldType[]): FramedElement[] {
    return [...this.made.values()].filter((element) => types.includes(element.elementType));
  }

  /** The element that holds what is to be paid with. */
  paying(): FramedElement | undefined {
    return this.elements(PAYING).sort((a, b) => PAYING.indexOf(a.elementType) - PAYING.indexOf(b.elementType))[0];
  }

  holds(element: unknown): element is FramedElement {
    return element instanceof FramedElement && element.group === this.belongs.id;
  }

  on(name: string, listener: Listener): this {
    this.listeners.on(name, listener);
    return this;
  }

  async update(options: ElementsOptions): Promise<void> {
    this.options = { ...this.options, ...options };
    if (options.locale) this.belongs.locale = options.locale;
    const look = options["fonts"] ? await this.dressed() : {};
    const appearance = options.appearance ? { appearance: options.appearance } : {};
    this.known = undefined;
    await Promise.all([...this.made.values()].filter((element) => element.mounted).map(async (element) => {
      // What is shown stays, where nobody can say what is offered by now.
      const { about, error } = await this.about(element.elementType);
      element.update({ ...appearance, ...look }, error ? undefined : about);
      if (error) element.fail(error);
    }));
    this.listeners.emit("update-end", {});
  }

  /** Ask the API what the intent is by now, and show it. */
  async fetchUpdates(): Promise<{ error?: ApiError }> {
    this.known = undefined;
    const { about, error } = await this.about("payment");
    if (error) return { error };
    for (const element of this.elements(CURIOUS)) element.update({}, about);
    return {};
  }

  async submit(): Promise<{ error?: ApiError; selectedPaymentMethod?: string }> {
    const wallet = this.wallet;
    if (wallet) {
      this.submitted = true;
      return { selectedPaymentMethod: wallet };
    }
    const element = this.paying();
    if (!element) throw new IntegrationError("elements.submit(): there is no mounted Element to submit.");
    const { error, object } = await this.validated(element);
    if (error) return { error };
    this.submitted = true;
    return { selectedPaymentMethod: String(object?.["type"] ?? "card") };
  }

  /** Each field shows what is missing in it; the first error is the answer. */
  private async validated(paying: FramedElement): Promise<Answer> {
    const others = this.elements([...EMAIL, ...ADDRESSES]).filter((element) => element.mounted);
    const [own, ...rest] = await Promise.all([paying, ...others].map((element) => element.validate()));
    return rest.find((answer) => answer.error) ?? own ?? {};
  }

  /** Have what was typed sent to the API, with what the other fields of this group say of the buyer. */
  async send(path: string, form: Form, place: "" | "payment_method_data"): Promise<Answer> {
    const { shipping, ...buyer } = await this.buyer();
    const delivery = place && shipping && path.includes("payment_intents") ? { shipping } : {};
    const given = place ? { ...delivery, ...form, [place]: beneath(buyer, form[place]) } : beneath(buyer, form);
    if (this.wallet && place) {
      const wallet = this.wallet;
      this.wallet = undefined;
      return ask(this.home.origin, "POST", path, { ...given, [place]: { type: wallet, ...(given[place] as Form) } });
    }
    const element = this.paying();
    if (!element) throw new IntegrationError("elements should have a mounted Payment Element or card Element.");
    const { error } = await this.validated(element);
    return error ? { error } : element.send(path, given, place);
  }

  private async buyer(): Promise<Form> {
    const found: Form = {};
    const billing: Form = {};
    for (const element of this.elements([...EMAIL, ...ADDRESSES]).filter((one) => one.mounted)) {
      const { value = {} } = (await element.getValue()) as { value?: Form };
      if (EMAIL.includes(element.elementType)) billing["email"] = value["email"] || undefined;
      else if (element.mode === "shipping") found["shipping"] = value;
      else Object.assign(billing, { name: value["name"], phone: value["phone"], address: value["address"] });
    }
    return Object.keys(billing).length ? { ...found, billing_details: billing } : found;
  }

  private about(type: FieldType): Promise<Offered> {
    if (type.startsWith("issuing")) return Promise.resolve({ about: NOTHING, error: NO_ISSUING });
    if (!CURIOUS.includes(type)) return Promise.resolve({ about: NOTHING });
    const asked = this.known ??= offered(this.home, this.options);
    // What could not be asked is asked again by whoever comes next.
    void asked.then(({ error }) => {
      if (error && this.known === asked) this.known = undefined;
    });
    return asked;
  }
}

const key = (type: FieldType, mode: string): string => (type === "address" ? `${type} ${mode}` : type);

/** What the merchant's page says wins over what an element does, name by name. */
function beneath(found: Form, given: unknown): Form {
  const said = (given ?? {}) as Form;
  const both = { ...((found["billing_details"] ?? {}) as Form), ...((said["billing_details"] ?? {}) as Form) };
  return Object.keys(both).length ? { ...said, billing_details: both } : said;
}
