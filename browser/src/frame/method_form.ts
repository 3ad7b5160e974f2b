/** What is typed for one type of payment method in the payment element, and what its buyer has to be told. */

import type { ValidationError } from "../errors";
import type { About, Form } from "../protocol";
import { CardFields } from "./card";
import { countries, likely, POSTAL_CHECKED } from "./countries";
import { labelled, made, type Input } from "./fields";
import { after, FIELDS, type FieldSpec } from "./methods";
import { businessOf, keepable, terms } from "./terms";
import { say } from "./texts";

const NAME: FieldSpec = { path: ["billing_details", "name"], label: "name", example: "Jenny Rosen", autocomplete: "name", optional: true };
const COUNTRY: FieldSpec = { path: ["billing_details", "address", "country"], label: "country", example: "", autocomplete: "country", optional: true };
/** The bank compares it if it is there; nobody is kept from paying for want of it. */
const POSTAL: FieldSpec = { path: ["billing_details", "address", "postal_code"], label: "postal", example: "12345", autocomplete: "postal-code", optional: true };
/** As the merchant's page calls a part of an address. */
const SAID: Record<string, string> = { postal_code: "postalCode" };

const isForm = (value: unknown): value is Form => typeof value === "object" && value !== null && !Array.isArray(value);

/** One way to pay: what is typed for it, or chosen. */
export interface Way {
  readonly panel: HTMLElement;
  validate(): ValidationError | undefined;
  /** As a `change` event says it. */
  state(): Record<string, unknown>;
  /** As `payment_method_data`, with what goes beside that in it: `payment_method_options`, `setup_future_usage`; or a `payment_method`. */
  data(): Form;
  /** Show what is agreed to. */
  agree(about: About, options: Form): void;
  clear(): void;
  focus(): void;
}

export class MethodForm implements Way {
  readonly panel = made("div", "panel");
  private readonly card: CardFields | undefined;
  private readonly inputs: [FieldSpec, Input][] = [];
  private readonly agreed = made("p", "TermsText");
  private readonly keep: HTMLInputElement | undefined;

  constructor(readonly type: string, private about: About, private options: Form, private readonly changed: () => void, locale: string) {
    if (type === "card") this.card = new CardFields("payment", this.panel, changed, options);
    const specs = type === "card" ? [...(this.wanted(NAME) === "always" ? [NAME] : []), COUNTRY, POSTAL] : FIELDS[type] ?? [];
    for (const spec of specs.filter((one) => this.wanted(one) !== "never")) this.add(spec, locale);
    const note = after(type);
    if (note) this.panel.append(made("p", "note", note));
    this.keep = this.asked();
    this.panel.append(this.agreed);
    this.agree(about, options);
  }

  /** Whether it is to be kept, asked where the customer's session allows it and it can be. */
  private asked(): HTMLInputElement | undefined {
    const { customer, kept } = this.about;
    if (!customer?.saves || !keepable(this.type) || !(kept || customer.usage)) return undefined;
    const keep = made("input", "CheckboxInput");
    keep.type = "checkbox";
    keep.id = `keep-${this.type}`;
    keep.addEventListener("change", () => {
      this.agree(this.about, this.options);
      this.changed();
    });
    const label = made("label", "CheckboxLabel", say("keep_new", { business: businessOf(this.options) }));
    label.htmlFor = keep.id;
    this.panel.append(made("div", "Checkbox", keep, label));
    return keep;
  }

  /** What the customer says of keeping it. `setup_future_usage` is only said where the intent does not say it. */
  private keeping(): Form {
    if (!this.keep) return {};
    const { customer, kept } = this.about;
    const usage = this.keep.checked && !kept ? { setup_future_usage: customer?.usage } : {};
    return { allow_redisplay: this.keep.checked ? "always" : kept ? "limited" : "unspecified", ...usage };
  }

  private add(spec: FieldSpec, locale: string): void {
    const attributes = { autocomplete: spec.autocomplete ?? "off", placeholder: spec.example, name: spec.path.slice(-2).join("."),
                         inputmode: spec.numeric ? "numeric" : "text", spellcheck: "false" };
    const choices = spec === COUNTRY ? countries() : spec.choices?.();
    const input = labelled(say(spec.label), attributes, false, choices);
    const known = this.known(spec);
    if (spec === COUNTRY) input.input.value = known || likely(locale);
    else if (known || !choices) input.input.value = known;
    if (spec === POSTAL || spec === COUNTRY) input.box.classList.add("half");
    input.input.addEventListener("input", () => {
      input.complain(undefined);
      if (spec === COUNTRY) this.localize();
      this.changed();
    });
    this.panel.append(input.box);
    this.inputs.push([spec, input]);
    if (spec === POSTAL) this.localize();
  }

  private input(spec: FieldSpec): Input | undefined {
    return this.inputs.find(([one]) => one === spec)?.[1];
  }

  /** A postal code is asked for where a card's bank looks at it. */
  private localize(): void {
    const country = this.input(COUNTRY)?.input.value ?? "US";
    const postal = this.input(POSTAL);
    if (!postal) return;
    postal.box.hidden = !POSTAL_CHECKED.includes(country);
    postal.label.textContent = say(country === "US" ? "zip" : "postal");
    postal.input.setAttribute("placeholder", { US: "12345", CA: "M5T 1T4", GB: "WS11 1DB" }[country] ?? "");
    this.input(COUNTRY)?.box.classList.toggle("half", !postal.box.hidden);
  }

  /** `auto`, `always` or `never`: who collects it, as the merchant's page says. */
  private wanted(spec: FieldSpec): unknown {
    if (spec.path[0] !== "billing_details") return "auto";
    const fields = (this.options["fields"] ?? {}) as Form;
    const own = (fields[this.type] as Form | undefined)?.["billingDetails"];
    let at: unknown = own ?? fields["billingDetails"];
    for (const name of spec.path.slice(1)) {
      if (!isForm(at)) return at ?? "auto";
      at = at[SAID[name] ?? name];
    }
    return at ?? "auto";
  }

  /** What the merchant's page knows of the buyer already. */
  private known(spec: FieldSpec): string {
    if (spec.path[0] !== "billing_details") return "";
    let at: unknown = ((this.options["defaultValues"] ?? {}) as Form)["billingDetails"];
    for (const name of spec.path.slice(1)) at = isForm(at) ? at[name] : undefined;
    return String(at ?? "");
  }

  agree(about: About, options: Form): void {
    this.about = about;
    this.options = options;
    this.agreed.textContent = terms(this.type, about, options, this.keep?.checked) ?? "";
  }

  private missing(): [FieldSpec, Input][] {
    return this.inputs.filter(([spec, input]) => !spec.optional && input.input.value.trim() === "");
  }

  validate(): ValidationError | undefined {
    const error = this.card?.validate();
    const missing = this.missing();
    for (const [spec, input] of missing) input.complain(say("incomplete", { field: say(spec.label) }));
    const first = missing[0]?.[0];
    if (error || !first) return error;
    return { type: "validation_error", code: `incomplete_${first.path.at(-1)}`, message: say("incomplete", { field: say(first.label) }) };
  }

  state(): Record<string, unknown> {
    const card = this.card?.state();
    const typed = this.inputs.filter(([spec]) => !spec.optional);
    const empty = card ? card["empty"] === true : typed.length > 0 && typed.every(([, input]) => input.input.value === "");
    const complete = (card?.["complete"] ?? true) === true && this.missing().length === 0;
    return { empty, complete, value: { type: this.type } };
  }

  data(): Form {
    const data: Form = { type: this.type, ...(this.card ? { card: this.card.card() } : {}), ...this.keeping() };
    for (const [spec, input] of this.inputs) {
      const value = input.input.value.trim();
      if (value === "" || input.box.hidden) continue;
      let at = data;
      for (const name of spec.path.slice(0, -1)) at = (at[name] ??= {}) as Form;
      at[spec.path.at(-1) ?? ""] = value;
    }
    return data;
  }

  clear(): void {
    this.card?.clear();
    for (const [spec, input] of this.inputs) if (spec !== COUNTRY) input.input.value = "";
  }

  focus(): void {
    if (this.card) this.card.focus();
    else this.inputs[0]?.[1].input.focus();
  }
}
