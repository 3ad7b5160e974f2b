/** A card's fields: all in one frame, or a frame each, which then hand their values to the number's. */

import type { ValidationError } from "../errors";
import type { FieldType, Form } from "../protocol";
import { brandOf, cvcError, dated, digits, expiryError, expiryOf, grouped, numberError, type Brand } from "./cards";
import { labelled, type Input } from "./fields";

type Part = "number" | "expiry" | "cvc" | "postal";

const PARTS: Record<string, readonly Part[]> = {
  card: ["number", "expiry", "cvc", "postal"], cardNumber: ["number"], cardExpiry: ["expiry"], cardCvc: ["cvc"],
  payment: ["number", "expiry", "cvc"],
};
const LABELS: Record<Part, string> = { number: "Card number", expiry: "Expiration date", cvc: "Security code", postal: "Postal code" };
const EXAMPLES: Record<Part, string> = { number: "1234 1234 1234 1234", expiry: "MM / YY", cvc: "CVC", postal: "ZIP" };
const COMPLETION: Record<Part, AutoFill> = { number: "cc-number", expiry: "cc-exp", cvc: "cc-csc", postal: "postal-code" };

export class CardFields {
  private readonly parts = new Map<Part, Input>();
  private readonly touched = new Set<Part>();

  constructor(private readonly type: FieldType, root: HTMLElement, private readonly changed: () => void, options: Form) {
    for (const part of PARTS[type] ?? []) {
      if (part === "postal" && options["hidePostalCode"] === true) continue;
      const shown = { number: "number", expiry: "expiry", cvc: "cvc", postal: "postal" }[part];
      const attributes = {
        autocomplete: COMPLETION[part], inputmode: part === "postal" ? "text" : "numeric", spellcheck: "false",
        name: shown, placeholder: String((this.alone && options["placeholder"]) || EXAMPLES[part]),
      };
      const field = labelled(LABELS[part], attributes, type !== "payment");
      field.box.classList.add(shown);
      field.input.addEventListener("input", (event) => this.typed(part, event as InputEvent));
      field.input.addEventListener("blur", () => this.left(part));
      if (part === "postal") field.input.value = String((options["value"] as Form | undefined)?.["postalCode"] ?? "");
      this.parts.set(part, field);
      root.append(field.box);
    }
  }

  private get alone(): boolean {
    return this.parts.size === 0 && this.type !== "card" && this.type !== "payment";
  }

  private text(part: Part): string {
    return this.parts.get(part)?.input.value ?? "";
  }

  /** Keep what is typed in shape, and go on to the next field when this one is full. */
  private typed(part: Part, event: InputEvent): void {
    const input = this.parts.get(part)?.input as HTMLInputElement;
    const atEnd = input.selectionStart === input.value.length;
    const deleting = event.inputType?.startsWith("delete") ?? false;
    if (part === "number") input.value = grouped(input.value);
    if (part === "expiry") input.value = dated(input.value, deleting);
    if (part === "cvc") input.value = digits(input.value).slice(0, 4);
    if (!atEnd) input.setSelectionRange(input.selectionStart, input.selectionStart);
    this.show(part);
    if (!deleting && atEnd && !this.error(part)) this.next(part)?.focus();
    this.changed();
  }

  private next(part: Part): HTMLElement | undefined {
    const order = [...this.parts.keys()];
    const full = part === "number" || part === "expiry";
    return full ? this.parts.get(order[order.indexOf(part) + 1] as Part)?.input : undefined;
  }

  private left(part: Part): void {
    if (this.text(part)) this.touched.add(part);
    this.show(part);
    this.changed();
  }

  private brandKnown(): Brand | undefined {
    return this.parts.has("number") ? brandOf(this.text("number")) : undefined;
  }

  private error(part: Part): ValidationError | undefined {
    const text = this.text(part);
    if (part === "number") return numberError(text);
    if (part === "expiry") return expiryError(text);
    if (part === "cvc") return cvcError(text, this.brandKnown());
    return text.trim() ? undefined : { type: "validation_error", code: "incomplete_zip", message: "Your postal code is incomplete." };
  }

  private show(part: Part): void {
    const error = this.error(part);
    const incomplete = error?.code.startsWith("incomplete") ?? false;
    const tell = error && (!incomplete || this.touched.has(part));
    this.parts.get(part)?.complain(tell ? error.message : undefined);
  }

  /** What is wrong so far; what is only not finished counts once the field was left. */
  private told(): ValidationError | undefined {
    for (const part of this.parts.keys()) {
      const error = this.text(part) ? this.error(part) : undefined;
      if (error && (!error.code.startsWith("incomplete") || this.touched.has(part))) return error;
    }
    return undefined;
  }

  /** The first thing that keeps the card from being sent; all of them are shown. */
  validate(): ValidationError | undefined {
    let first: ValidationError | undefined;
    for (const part of this.parts.keys()) {
      this.touched.add(part);
      this.show(part);
      first ??= this.error(part);
    }
    return first;
  }

  state(): Record<string, unknown> {
    const empty = [...this.parts.keys()].every((part) => this.text(part) === "");
    const complete = [...this.parts.keys()].every((part) => !this.error(part));
    const error = this.told();
    const brand = this.parts.has("number") ? { brand: brandOf(this.text("number")).name } : {};
    const value = this.type === "card" ? { value: { postalCode: this.text("postal") } } : {};
    return { empty, complete, ...(error ? { error } : {}), ...brand, ...value };
  }

  /** As `card` of a payment method, as far as this frame knows it. */
  card(): Form {
    const expiry = expiryOf(this.text("expiry"));
    return {
      ...(this.parts.has("number") ? { number: digits(this.text("number")) } : {}),
      ...(expiry ? { exp_month: expiry.month, exp_year: expiry.year } : {}),
      ...(this.text("cvc") ? { cvc: this.text("cvc") } : {}),
    };
  }

  postalCode(): string | undefined {
    return this.text("postal") || undefined;
  }

  clear(): void {
    this.touched.clear();
    for (const [part, field] of this.parts) {
      field.input.value = "";
      this.show(part);
    }
    this.changed();
  }

  focus(): void {
    [...this.parts.values()][0]?.input.focus();
  }
}
