/** `stripe.elements()`: the fields that belong together, and what they are to pay for. */

import { ask, intentOf } from "./api";
import { FramedElement, type Home } from "./element";
import { IntegrationError } from "./errors";
import { unguessable, type ApiError, type FieldType, type Form } from "./protocol";

export interface ElementsOptions {
  clientSecret?: string;
  mode?: "payment" | "setup" | "subscription";
  amount?: number;
  currency?: string;
  paymentMethodTypes?: string[];
  payment_method_types?: string[];
  appearance?: Form;
  locale?: string;
  [more: string]: unknown;
}

const FIELDS: readonly FieldType[] = ["card", "cardNumber", "cardExpiry", "cardCvc", "iban", "payment"];
/** Any of these stands for the card that is typed into several frames. */
const SEVERAL: readonly FieldType[] = ["cardNumber", "cardExpiry", "cardCvc"];
const DEFAULT_TYPES = ["card"];

export class ElementsGroup {
  private readonly made = new Map<FieldType, FramedElement>();
  private readonly group = unguessable();
  private submitted = false;

  constructor(
    private readonly home: Home,
    private options: ElementsOptions,
  ) {
    if (options.clientSecret !== undefined && intentOf(options.clientSecret) === undefined) {
      throw new IntegrationError(
        "Invalid value for elements(): clientSecret should be a client secret of the form ${id}_secret_${secret}. " +
          `You specified: ${options.clientSecret}.`,
      );
    }
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
    const known = FIELDS.find((field) => field === type);
    if (!known) throw new IntegrationError(`A valid Element name must be provided. Valid Elements are: ${FIELDS.join(", ")}; you passed: ${type}.`);
    if (this.made.has(known)) throw new IntegrationError(`Can only create one Element of type ${type} through this Elements instance.`);
    if (known === "payment" && !this.clientSecret && !this.deferred) {
      throw new IntegrationError("In order to create a payment element, you must pass a clientSecret or mode when creating the Elements group.");
    }
    const all = { ...options, appearance: this.options.appearance };
    const element = new FramedElement(this.home, known, this.group, all, () => this.types(known), () => this.made.delete(known));
    this.made.set(known, element);
    return element;
  }

  getElement(type: string | { __elementType?: string }): FramedElement | null {
    const name = typeof type === "string" ? type : type.__elementType;
    return this.made.get(name as FieldType) ?? null;
  }

  /** The element that holds what is to be paid with. */
  paying(): FramedElement | undefined {
    return this.made.get("payment") ?? this.made.get("card") ?? this.made.get("cardNumber") ?? this.made.get("iban");
  }

  holds(element: unknown): element is FramedElement {
    return element instanceof FramedElement && element.group === this.group;
  }

  update(options: ElementsOptions): void {
    this.options = { ...this.options, ...options };
    if (options.appearance) for (const element of this.made.values()) element.update({ appearance: options.appearance });
  }

  async fetchUpdates(): Promise<{ error?: ApiError }> {
    const id = intentOf(this.clientSecret);
    if (!id) return {};
    const { error } = await this.retrieve(id);
    return error ? { error } : {};
  }

  async submit(): Promise<{ error?: ApiError; selectedPaymentMethod?: string }> {
    const element = this.paying();
    if (!element) throw new IntegrationError("elements.submit(): there is no mounted Element to submit.");
    const { error, object } = await element.validate();
    if (error) return { error };
    this.submitted = true;
    return { selectedPaymentMethod: String(object?.["type"] ?? "card") };
  }

  private retrieve(id: string): ReturnType<typeof ask> {
    const form = { client_secret: this.clientSecret, key: this.home.key };
    return ask(this.home.origin, "GET", `/v1/payment_intents/${id}`, form);
  }

  /** What the payment element offers: the intent says, or whoever defers it. */
  private async types(field: FieldType): Promise<string[]> {
    if (field !== "payment") return SEVERAL.includes(field) || field === "card" ? ["card"] : ["sepa_debit"];
    const id = intentOf(this.clientSecret);
    if (!id) return this.options.paymentMethodTypes ?? this.options.payment_method_types ?? DEFAULT_TYPES;
    const { object } = await this.retrieve(id);
    return (object?.["payment_method_types"] as string[] | undefined) ?? DEFAULT_TYPES;
  }
}
