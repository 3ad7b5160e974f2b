/** The payment element: which way to pay, and what has to be known for it. */

import type { ValidationError } from "../errors";
import type { Form } from "../protocol";
import { CardFields } from "./card";
import { labelled, type Input } from "./fields";
import { called, FIELDS, type FieldSpec } from "./methods";

export class Choice {
  private chosen: string;
  private readonly panels = new Map<string, HTMLElement>();
  private readonly radios = new Map<string, HTMLInputElement>();
  private readonly typed = new Map<string, [FieldSpec, Input][]>();
  private cardFields: CardFields | undefined;

  constructor(root: HTMLElement, offered: readonly string[], private readonly changed: () => void, private readonly options: Form) {
    const types = ordered(offered, options["paymentMethodOrder"]);
    this.chosen = types[0] ?? "card";
    const group = document.createElement("fieldset");
    const legend = document.createElement("legend");
    legend.textContent = "Payment method";
    group.append(legend);
    for (const type of types) group.append(this.offer(type, types.length > 1));
    root.append(group);
    this.choose(this.chosen);
    if ((options["layout"] as Form | undefined)?.["defaultCollapsed"] === true) this.collapse();
  }

  private offer(type: string, several: boolean): HTMLElement {
    const box = document.createElement("div");
    box.className = "method";
    const radio = document.createElement("input");
    radio.type = "radio";
    radio.name = "method";
    radio.id = `method-${type}`;
    radio.value = type;
    radio.addEventListener("change", () => this.choose(type));
    const name = document.createElement("label");
    name.htmlFor = radio.id;
    name.textContent = called(type);
    const panel = document.createElement("div");
    panel.className = "panel";
    if (several) box.append(radio, name);
    box.append(panel);
    this.radios.set(type, radio);
    this.panels.set(type, panel);
    if (type === "card") this.cardFields = new CardFields("payment", panel, this.changed, this.options);
    else this.fill(type, panel);
    return box;
  }

  private fill(type: string, panel: HTMLElement): void {
    const asked = (FIELDS[type] ?? []).filter((spec) => !this.leftOut(spec));
    const inputs: [FieldSpec, Input][] = asked.map((spec) => {
      const attributes = { autocomplete: spec.autocomplete ?? "off", placeholder: spec.example, name: spec.path.join("."),
                           inputmode: spec.numeric ? "numeric" : "text" };
      const input = labelled(spec.label, attributes, false, spec.choices);
      if (!spec.choices) input.input.value = this.known(spec);
      input.input.addEventListener("input", () => {
        input.complain(undefined);
        this.changed();
      });
      panel.append(input.box);
      return [spec, input];
    });
    if ((FIELDS[type] ?? []).length === 0) {
      const note = document.createElement("p");
      note.className = "note";
      note.textContent = `You will finish the payment with ${called(type)} after this step.`;
      panel.append(note);
    }
    this.typed.set(type, inputs);
  }

  /** The merchant's page says that it collects this itself, and sends it along. */
  private leftOut(spec: FieldSpec): boolean {
    const [group, name = ""] = spec.path;
    const wanted = (this.options["fields"] as Form | undefined)?.["billingDetails"];
    return group === "billing_details" && (wanted === "never" || (wanted as Form | undefined)?.[name] === "never");
  }

  /** What the merchant's page knows of the buyer already. */
  private known(spec: FieldSpec): string {
    const [group, name = ""] = spec.path;
    const details = (this.options["defaultValues"] as Form | undefined)?.["billingDetails"] as Form | undefined;
    return group === "billing_details" ? String(details?.[name] ?? "") : "";
  }

  private choose(type: string): void {
    this.chosen = type;
    for (const [name, panel] of this.panels) panel.hidden = name !== type;
    const radio = this.radios.get(type);
    if (radio) radio.checked = true;
    this.changed();
  }

  /** Fold everything up, as if nothing were chosen; a single type stays open, because nobody could open it again. */
  collapse(): void {
    if (this.radios.size < 2) return;
    this.chosen = "";
    for (const panel of this.panels.values()) panel.hidden = true;
    for (const radio of this.radios.values()) radio.checked = false;
    this.changed();
  }

  private missing(): [FieldSpec, Input][] {
    return (this.typed.get(this.chosen) ?? []).filter(([, input]) => input.input.value.trim() === "");
  }

  validate(): ValidationError | undefined {
    if (this.chosen === "") {
      return { type: "validation_error", code: "incomplete_payment_method", message: "Please choose how to pay." };
    }
    if (this.chosen === "card") return this.cardFields?.validate();
    const missing = this.missing();
    for (const [spec, input] of missing) input.complain(`Your ${spec.label.toLowerCase()} is incomplete.`);
    const first = missing[0]?.[0];
    return first && { type: "validation_error", code: `incomplete_${first.path.at(-1)}`, message: `Your ${first.label.toLowerCase()} is incomplete.` };
  }

  state(): Record<string, unknown> {
    if (this.chosen === "") return { empty: true, complete: false, collapsed: true, value: { type: "" } };
    const value = { type: this.chosen };
    if (this.chosen === "card" && this.cardFields) {
      const { empty, complete } = this.cardFields.state();
      return { empty, complete, collapsed: false, value };
    }
    const inputs = this.typed.get(this.chosen) ?? [];
    const empty = inputs.length > 0 && inputs.every(([, input]) => input.input.value === "");
    return { empty, complete: this.missing().length === 0, collapsed: false, value };
  }

  /** As `payment_method_data`. */
  data(): Form {
    if (this.chosen === "card") return { type: "card", card: this.cardFields?.card() ?? {} };
    const data: Form = { type: this.chosen };
    for (const [spec, input] of this.typed.get(this.chosen) ?? []) {
      const [group = "", name = ""] = spec.path;
      const inside = (data[group] ?? {}) as Form;
      data[group] = { ...inside, [name]: input.input.value.trim() };
    }
    return data;
  }

  clear(): void {
    this.cardFields?.clear();
    for (const inputs of this.typed.values()) for (const [, input] of inputs) input.input.value = "";
    this.changed();
  }

  focus(): void {
    if (this.chosen === "card") this.cardFields?.focus();
    else this.typed.get(this.chosen)?.[0]?.[1].input.focus();
  }
}

/** Those that the merchant's page wants first, in its order, and then the others. */
function ordered(types: readonly string[], wanted: unknown): readonly string[] {
  const first = Array.isArray(wanted) ? (wanted as string[]).filter((type) => types.includes(type)) : [];
  return [...first, ...types.filter((type) => !first.includes(type))];
}
