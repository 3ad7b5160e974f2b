/** The address element: a name, an address as its country writes it, a telephone number. */

import type { ValidationError } from "../errors";
import type { Form } from "../protocol";
import { countries, hasPostal, likely, needsState, states } from "./countries";
import { labelled, made, type Input } from "./fields";
import type { Panel } from "./panel";
import { say, type Text } from "./texts";

type Part = "name" | "first" | "last" | "organization" | "country" | "line1" | "line2" | "city" | "state" | "postal" | "phone";

const COMPLETION: Record<Part, string> = {
  name: "name", first: "given-name", last: "family-name", organization: "organization", country: "country", line1: "address-line1",
  line2: "address-line2", city: "address-level2", state: "address-level1", postal: "postal-code", phone: "tel",
};
const KEPT: Part[] = ["line1", "line2", "city", "postal", "state"];

export class Address implements Panel {
  private readonly inputs = new Map<Part, Input>();
  private readonly place = made("div", "panel");

  constructor(root: HTMLElement, private readonly changed: () => void, private readonly options: Form, locale: string) {
    root.append(this.place);
    this.draw(this.given("country") || likely(locale, options["allowedCountries"]), {});
  }

  private option(name: string): Form {
    return (this.options[name] ?? {}) as Form;
  }

  private given(part: Part): string {
    const values = this.option("defaultValues");
    const address = (values["address"] ?? {}) as Form;
    const found: Partial<Record<Part, unknown>> = { name: values["name"], first: values["firstName"], last: values["lastName"], phone: values["phone"],
                                                    postal: address["postal_code"] };
    return String(part in found ? found[part] ?? "" : address[part] ?? "");
  }

  private parts(country: string): Part[] {
    const display = this.option("display")["name"] ?? "full";
    const name: Part[] = display === "split" ? ["first", "last"] : display === "organization" ? ["organization"] : ["name"];
    const phone: Part[] = this.option("fields")["phone"] === "always" ? ["phone"] : [];
    const postal: Part[] = hasPostal(country) ? ["postal"] : [];
    const state: Part[] = needsState(country) ? ["state"] : [];
    return [...name, "country", "line1", "line2", "city", ...state, ...postal, ...phone];
  }

  private draw(country: string, kept: Partial<Record<Part, string>>): void {
    const focused = document.activeElement?.getAttribute("name");
    this.inputs.clear();
    this.place.replaceChildren();
    for (const part of this.parts(country)) {
      const choices = part === "country" ? countries(this.options["allowedCountries"]) : part === "state" ? states(country) : undefined;
      const label = part === "postal" && country === "US" ? "zip" : (part as Text);
      const text = say(label) + (this.optional(part) ? ` (${say("optional")})` : "");
      const field = labelled(text, { name: part, autocomplete: COMPLETION[part], spellcheck: "false" }, false, choices && part === "state" ? [["", ""], ...choices] : choices);
      field.input.value = part === "country" ? country : kept[part] ?? this.given(part);
      if (["city", "state", "postal", "first", "last"].includes(part)) field.box.classList.add("half");
      field.input.addEventListener("input", () => {
        field.complain(undefined);
        if (part === "country") this.draw(field.input.value, Object.fromEntries([...this.inputs].map(([one, its]) => [one, its.input.value])));
        this.changed();
      });
      this.inputs.set(part, field);
      this.place.append(field.box);
    }
    const halves = [...this.place.querySelectorAll(".half")];
    if (halves.length % 2) halves[0]?.classList.remove("half");
    if (focused) this.place.querySelector<HTMLElement>(`[name="${focused}"]`)?.focus();
  }

  private optional(part: Part): boolean {
    return part === "line2" || (part === "phone" && ((this.option("validation")["phone"] ?? {}) as Form)["required"] !== "always");
  }

  private text(part: Part): string {
    return this.inputs.get(part)?.input.value.trim() ?? "";
  }

  private missing(): Part[] {
    return [...this.inputs.keys()].filter((part) => !this.optional(part) && this.text(part) === "");
  }

  validate(): ValidationError | undefined {
    const missing = this.missing();
    for (const part of missing) this.inputs.get(part)?.complain(say("incomplete", { field: say(part as Text) }));
    const first = missing[0];
    return first && { type: "validation_error", code: `incomplete_${first}`, message: say("incomplete", { field: say(first as Text) }) };
  }

  state(): Record<string, unknown> {
    const empty = [...this.inputs.keys()].every((part) => part === "country" || this.text(part) === "");
    return { elementMode: this.options["mode"], isNewAddress: true, empty, complete: this.missing().length === 0, value: this.typed() };
  }

  private typed(): Form {
    const [country, ...lines] = (["country", ...KEPT] as Part[]).map((part) => this.text(part));
    const [line1, line2, city, postal, state] = lines as [string, string, string, string, string];
    const split = this.inputs.has("first");
    const name = split ? `${this.text("first")} ${this.text("last")}`.trim() : this.text("name") || this.text("organization");
    return {
      name, ...(split ? { firstName: this.text("first"), lastName: this.text("last") } : {}),
      ...(this.inputs.has("phone") ? { phone: this.text("phone") } : {}),
      address: { line1, line2: line2 || null, city, state, postal_code: postal, country },
    };
  }

  value(): Record<string, unknown> {
    return this.state();
  }

  clear(): void {
    for (const [part, field] of this.inputs) if (part !== "country") field.input.value = "";
    this.changed();
  }

  focus(): void {
    [...this.inputs.values()][0]?.input.focus();
  }
}
