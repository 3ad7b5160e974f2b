/** The express checkout element: a button for each wallet that the payment can be made with. */

import type { About, Form, News } from "../protocol";
import { made } from "./fields";
import { methodIcon } from "./icons";
import { called } from "./methods";
import type { Panel } from "./panel";
import { say } from "./texts";

/** Wallets that open a page of their own, by the names that Stripe.js has for them. */
const WALLETS: Record<string, string> = { amazon_pay: "amazonPay", klarna: "klarna", link: "link", paypal: "paypal" };
/** Wallets of a browser's or a telephone's, of which there is none here. */
const ABSENT = { applePay: false, googlePay: false };

export class Wallets implements Panel {
  private readonly offered: string[];
  private readonly buttons: HTMLButtonElement[];

  constructor(root: HTMLElement, about: About, options: Form, tell: (news: News) => void) {
    const wanted = (options["paymentMethods"] ?? {}) as Form;
    this.offered = about.types.filter((type) => type in WALLETS && wanted[WALLETS[type] ?? ""] !== "never");
    this.buttons = this.offered.map((type) => {
      const button = made("button", "Button", methodIcon(type), made("span", "", called(type)));
      button.type = "button";
      button.setAttribute("aria-label", say("pay_with", { name: called(type) }));
      button.addEventListener("click", () => tell({ event: "click", detail: { expressPaymentType: type } }));
      return button;
    });
    root.append(...this.buttons);
  }

  ready(): Record<string, unknown> {
    if (this.offered.length === 0) return { availablePaymentMethods: undefined };
    const all = Object.entries(WALLETS).map(([type, name]) => [name, this.offered.includes(type)]);
    return { availablePaymentMethods: { ...ABSENT, ...Object.fromEntries(all) } };
  }

  validate(): undefined {
    return undefined;
  }

  state(): Record<string, unknown> {
    return {};
  }

  clear(): void {}

  focus(): void {
    this.buttons[0]?.focus();
  }
}
