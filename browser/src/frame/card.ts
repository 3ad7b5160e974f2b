/** A card's fields: all in one frame, or a frame each, which then hand their values to the number's. */

import type { ValidationError } from "../errors";
import type { FieldType, Form } from "../protocol";
import { brandOf, cvcError, dated, digits, expiryError, expiryOf, grouped, numberError, wrong, type Brand } from "./cards";
import { labelled, made, type Input } from "./fields";
import { backIcon, brandIcon } from "./icons";
import { say, type Text } from "./texts";

type Part = "number" | "expiry" | "cvc" | "postal";

const PARTS: Record<string, readonly Part[]> = {
  card: ["number", "expiry", "cvc", "postal"], cardNumber: ["number"], cardExpiry: ["expiry"], cardCvc: ["cvc"],
  payment: ["number", "expiry", "cvc"],
};
const EXAMPLES: Record<Part, string> = { number: "1234 1234 1234 1234", expiry: "MM / YY", cvc: "CVC", postal: "ZIP" };
const COMPLETION: Record<Part, AutoFill> = { number: "cc-number", expiry: "cc-exp", cvc: "cc-csc", postal: "postal-code" };
/** Shown until a number says which it is. */
const COMMON = ["visa", "mastercard", "amex"];

export class CardFields {
  private readonly parts = new Map<Part, Input>();
  private readonly touched = new Set<Part>();
  private readonly brand = made("span", "brand");

  constructor(private readonly type: FieldType, root: HTMLElement, private readonly changed: () => void, options: Form) {
    const parts = (PARTS[type] ?? []).filter((part) => part !== "postal" || options["hidePostalCode"] !== true);
    for (const part of parts) {
      const example = parts.length === 1 ? options["placeholder"] : undefined;
      const attributes = { autocomplete: COMPLETION[part], inputmode: part === "postal" ? "text" : "numeric", spellcheck: "false",
                           name: part, placeholder: String(example ?? EXAMPLES[part]) };
      const field = labelled(say(part as Text), attributes, type !== "payment");
      field.box.classList.add(part);
      field.input.addEventListener("input", (event) => this.typed(part, event as InputEvent));
      field.input.addEventListener("blur", () => this.left(part));
      if (part === "postal") field.input.value = String((options["value"] as Form | undefined)?.["postalCode"] ?? "");
      if (part === "number" && this.pictured(options)) field.input.parentElement?.[type === "payment" ? "append" : "prepend"](this.brand);
      if (part === "cvc" && type === "payment") field.input.parentElement?.append(made("span", "brand", backIcon()));
      this.parts.set(part, field);
      root.append(field.box);
    }
    this.picture();
  }

  private pictured(options: Form): boolean {
    return this.type === "cardNumber" ? options["showIcon"] === true : options["hideIcon"] !== true;
  }

  /** The brand of what is typed so far; those that are most common where nothing is. */
  private picture(): void {
    const brand = this.brandKnown()?.name ?? "unknown";
    const few = this.type === "payment" && brand === "unknown" && this.text("number") === "";
    const names = few ? COMMON : [brand];
    if (this.brand.dataset["brand"] === names.join()) return;
    this.brand.dataset["brand"] = names.join();
    this.brand.replaceChildren(...names.map(brandIcon));
  }

  private text(part: Part): string {
    return this.parts.get(part)?.input.value ?? "";
  }

  /** Keep what is typed in shape, and go on to the next field when this one is full. */
  private typed(part: Part, event: InputEvent): void {
    const input = this.parts.get(part)?.input as HTMLInputElement;
    const atEnd = input.selectionStart === input.value.length;
    const caret = input.selectionStart;
    const deleting = event.inputType?.startsWith("delete") ?? false;
    if (part === "number") input.value = grouped(input.value);
    if (part === "expiry") input.value = dated(input.value, deleting);
    if (part === "cvc") input.value = digits(input.value).slice(0, 4);
    if (!atEnd) input.setSelectionRange(caret, caret);
    this.picture();
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
    return text.trim() ? undefined : wrong("incomplete_zip");
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

  /** As `payment_method_data`, with what other frames hold of it. */
  data(others: Form[] = []): Form {
    const postal = this.text("postal");
    const billing = postal ? { billing_details: { address: { postal_code: postal } } } : {};
    return { type: "card", card: Object.assign({}, this.card(), ...others) as Form, ...billing };
  }

  clear(): void {
    this.touched.clear();
    for (const [part, field] of this.parts) {
      field.input.value = "";
      this.show(part);
    }
    this.picture();
    this.changed();
  }

  focus(): void {
    [...this.parts.values()][0]?.input.focus();
  }
}
