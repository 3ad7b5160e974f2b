/** What a customer has kept: one of it is chosen, and, where their session allows it, removed. */

import { ask } from "../api";
import type { ValidationError } from "../errors";
import type { ApiError, Customer, Form, FormValue, News, Saved as Method } from "../protocol";
import { wrong } from "./cards";
import { made } from "./fields";
import { brandIcon, methodIcon } from "./icons";
import type { Way } from "./method_form";
import { called } from "./methods";
import { say } from "./texts";

/** Of which a buyer knows one by the last digits of its number. */
const BRANDS: Record<string, string> = { amex: "American Express", diners: "Diners Club", discover: "Discover", jcb: "JCB",
                                         mastercard: "Mastercard", unionpay: "UnionPay", visa: "Visa" };

/** What a method says of itself, in the hash of its type. */
const details = (method: Method): Record<string, FormValue> => (method[method.type] ?? {}) as Record<string, FormValue>;

/** As its owner knows it. */
function named(method: Method): string {
  const { display_brand: shown, brand, bank_name: bank, email } = details(method);
  const card = String(shown ?? brand ?? "");
  return method.type === "card" ? BRANDS[card] ?? called("card") : String(bank ?? email ?? called(method.type));
}

function spoken(method: Method): string {
  const { last4 } = details(method);
  return last4 ? say("ending", { name: named(method), digits: String(last4) }) : named(method);
}

function expiry(method: Method): string {
  const { exp_month: month, exp_year: year } = details(method);
  return month ? `${String(month).padStart(2, "0")}/${String(year).slice(-2)}` : "";
}

/** As an event tells of it. */
const told = ({ id, type, billing_details }: Method): Form => ({ id, type, billing_details });

export class Saved implements Way {
  readonly panel = made("div", "panel saved");
  private methods: Method[];
  private chosen: string;
  private readonly problem = made("p", "Error");

  /** `emptied` is called when there is nothing left of it. */
  constructor(
    private readonly customer: Customer, types: readonly string[], private readonly changed: () => void,
    private readonly tell: (news: News) => void, private readonly emptied: () => void,
  ) {
    this.methods = kept(customer, types);
    this.chosen = this.methods[0]?.id ?? "";
    this.problem.setAttribute("role", "alert");
    this.draw();
  }

  private draw(): void {
    const list = made("ul", "list", ...this.methods.map((method) => this.row(method)));
    list.setAttribute("aria-label", say("saved"));
    list.setAttribute("role", "radiogroup");
    this.panel.replaceChildren(list, this.problem);
  }

  private row(method: Method): HTMLElement {
    const radio = made("input", "");
    radio.type = "radio";
    radio.name = "saved";
    radio.id = `saved-${method.id}`;
    radio.checked = method.id === this.chosen;
    radio.setAttribute("aria-label", [spoken(method), expiry(method) && say("expires", { date: expiry(method) })].filter(Boolean).join(", "));
    radio.addEventListener("change", () => {
      this.chosen = method.id;
      this.changed();
    });
    const { last4 } = details(method);
    const card = method.type === "card";
    const icon = card ? brandIcon(String(details(method)["display_brand"] ?? details(method)["brand"])) : methodIcon(method.type);
    const label = made("label", "what", icon, made("span", "digits", last4 ? `•••• ${String(last4)}` : named(method)), made("span", "date", expiry(method)));
    label.htmlFor = radio.id;
    const row = made("li", "row", radio, label);
    if (this.customer.removes) row.append(this.button(say("remove"), method, () => this.sure(row, method)));
    return row;
  }

  private button(text: string, method: Method, pressed: () => void): HTMLButtonElement {
    const button = made("button", "More", text);
    button.type = "button";
    button.setAttribute("aria-label", `${text}: ${spoken(method)}`);
    button.addEventListener("click", pressed);
    return button;
  }

  /** It cannot be taken back, so it is asked. */
  private sure(row: HTMLElement, method: Method): void {
    const yes = this.button(say("remove"), method, () => void this.remove(yes, method));
    yes.classList.add("danger");
    const no = this.button(say("keep"), method, () => this.draw());
    row.replaceChildren(made("span", "what", say("remove_sure", { name: spoken(method) })), yes, no);
    no.focus();
  }

  private async remove(button: HTMLButtonElement, method: Method): Promise<void> {
    button.disabled = true;
    const { secret, signed } = this.customer;
    const { error } = await ask(location.origin, "POST", `/v1/elements/payment_methods/${method.id}/remove`, { ...signed, customer_session_client_secret: secret });
    this.said(method, error);
    if (!error) {
      // The session's own list, which is where the next look begins.
      this.customer.methods = this.customer.methods.filter((one) => one !== method);
      this.methods = this.methods.filter((one) => one !== method);
      if (this.chosen === method.id) this.chosen = this.methods[0]?.id ?? "";
    }
    this.draw();
    if (this.methods.length === 0) this.emptied();
    else this.focus();
    this.changed();
  }

  private said(method: Method, error: ApiError | undefined): void {
    this.problem.textContent = error?.message ?? "";
    const why = error ? { error: error.message } : {};
    this.tell({ event: "savedpaymentmethodremove", detail: { success: !error, ...why, payment_method: told(method) } });
  }

  private get method(): Method | undefined {
    return this.methods.find((one) => one.id === this.chosen);
  }

  validate(): ValidationError | undefined {
    return this.method ? undefined : wrong("incomplete_payment_method");
  }

  state(): Record<string, unknown> {
    const { method } = this;
    return { empty: false, complete: method !== undefined, value: method ? { type: method.type, payment_method: told(method) } : { type: "" } };
  }

  data(): Form {
    return { type: this.method?.type, payment_method: this.method?.id };
  }

  /** There is nothing to agree to: that was when it was kept. */
  agree(): void {}

  clear(): void {}

  focus(): void {
    this.panel.querySelector<HTMLElement>("input:checked, input")?.focus();
  }
}

/** What a customer has kept of these types. */
export const kept = (customer: Customer | undefined, types: readonly string[]): Method[] =>
  (customer?.methods ?? []).filter((method) => types.includes(method.type));
