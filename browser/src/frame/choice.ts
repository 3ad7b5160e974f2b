/** The payment element: which way to pay, as tabs or as an accordion, and the form of the one that is chosen. */

import type { ValidationError } from "../errors";
import type { About, Form, News } from "../protocol";
import { likely } from "./countries";
import { made } from "./fields";
import { methodIcon } from "./icons";
import { MethodForm, type Way } from "./method_form";
import { called } from "./methods";
import { ordered } from "./order";
import type { Panel } from "./panel";
import { wrong } from "./cards";
import { kept, Saved } from "./saved";
import { say } from "./texts";

interface Offer {
  form: Way;
  radio: HTMLInputElement;
  item: HTMLElement;
  head: HTMLElement;
}

type Shape = "tabs" | "accordion";

/** Below this width, in pixels, `auto` is an accordion. */
const NARROW = 420;
const TAB_WIDTH = 96;
const ITEMS = 5;
/** What a customer has kept, as if it were a type. */
const SAVED = "saved";

export class Choice implements Panel {
  private chosen = "";
  private readonly offers = new Map<string, Offer>();
  private readonly group = made("fieldset", "choice");
  private readonly more = made("button", "More", say("more"));
  private open = false;

  constructor(
    private readonly root: HTMLElement, private about: About, private readonly changed: () => void, private options: Form,
    private readonly locale: string, private readonly tell: (news: News) => void,
  ) {
    this.group.append(made("legend", "", say("method")));
    root.append(this.group);
    this.more.type = "button";
    this.more.setAttribute("aria-expanded", "false");
    this.more.addEventListener("click", () => {
      this.open = !this.open;
      this.arrange();
    });
    this.fill();
    if (this.layout("defaultCollapsed") === true) this.collapse();
    new ResizeObserver(() => this.arrange()).observe(root);
  }

  private fill(): void {
    this.offers.clear();
    if (this.about.ended) {
      this.end();
      return;
    }
    const offered = ordered(this.about.types, this.options["paymentMethodOrder"], this.about.currency, likely(this.locale));
    const types = kept(this.about.customer, offered).length ? [SAVED, ...offered] : offered;
    this.group.classList.toggle("single", types.length < 2);
    this.group.replaceChildren(this.group.firstElementChild as Element, ...types.map((type) => this.offer(type)), this.more);
    this.choose(types.includes(this.chosen) ? this.chosen : types[0] ?? "card");
    this.arrange();
  }

  /** There is nothing to pay any more: whoever comes back to the page is told so. */
  private end(): void {
    const said = made("p", `ended ${this.about.ended}`, say(`ended_${this.about.ended as "succeeded"}`));
    said.setAttribute("role", "status");
    this.chosen = "";
    this.group.replaceChildren(this.group.firstElementChild as Element, said);
    this.changed();
  }

  private way(type: string): Way {
    const { customer, types } = this.about;
    if (type !== SAVED || !customer) return new MethodForm(type, this.about, this.options, this.changed, this.locale);
    return new Saved(customer, types, this.changed, this.tell, () => {
      this.fill();
      this.focus();
    });
  }

  private offer(type: string): HTMLElement {
    const form = this.way(type);
    const radio = made("input", "");
    radio.type = "radio";
    radio.name = "method";
    radio.id = `method-${type}`;
    radio.value = type;
    radio.addEventListener("change", () => this.choose(type));
    const name = made("label", "TabLabel", type === SAVED ? say("saved") : called(type));
    name.htmlFor = radio.id;
    const icon = methodIcon(type);
    icon.classList.add("TabIcon");
    const head = made("div", "head", radio, icon, name);
    const item = made("div", "method", head, form.panel);
    this.offers.set(type, { form, radio, item, head });
    return item;
  }

  private layout(name: string): unknown {
    const layout = this.options["layout"];
    return typeof layout === "string" ? (name === "type" ? layout : undefined) : (layout as Form | undefined)?.[name];
  }

  private shape(): Shape {
    const wanted = this.layout("type");
    if (wanted === "tabs" || wanted === "accordion") return wanted;
    return this.root.clientWidth < NARROW && this.offers.size > 2 ? "accordion" : "tabs";
  }

  /** As tabs or as an accordion, and those that do not fit behind a button. */
  private arrange(): void {
    const shape = this.shape();
    const tabs = shape === "tabs";
    const across = Math.max(2, Math.floor((this.root.clientWidth || 480) / TAB_WIDTH));
    const asked = Number(this.layout("visibleAccordionItemsCount") ?? ITEMS) || this.offers.size;
    const most = tabs ? across : asked;
    const fit = this.offers.size <= most ? most : tabs ? most - 1 : most;
    this.group.dataset["shape"] = shape;
    this.group.dataset["radios"] = String(this.layout("radios") ?? "auto");
    this.group.classList.toggle("spaced", this.layout("spacedAccordionItems") === true);
    this.group.style.setProperty("--across", String(Math.min(across, this.offers.size)));
    [...this.offers.values()].forEach((offer, place) => {
      offer.head.className = `head ${tabs ? "Tab" : "AccordionItem"}`;
      offer.item.hidden = !this.open && place >= fit && !offer.radio.checked;
      this.mark(offer, tabs);
    });
    this.more.hidden = this.offers.size <= fit;
    this.more.textContent = say(this.open ? "less" : "more");
    this.more.setAttribute("aria-expanded", String(this.open));
  }

  private mark(offer: Offer, tabs: boolean): void {
    const name = tabs ? "Tab" : "AccordionItem";
    const chosen = offer.radio.checked;
    offer.head.classList.toggle(`${name}--selected`, chosen);
    offer.head.querySelector(".TabLabel")?.classList.toggle("TabLabel--selected", chosen);
    offer.head.querySelector(".TabIcon")?.classList.toggle("TabIcon--selected", chosen);
    offer.item.classList.toggle("chosen", chosen);
  }

  private choose(type: string): void {
    this.chosen = type;
    for (const [name, offer] of this.offers) {
      offer.radio.checked = name === type;
      offer.form.panel.hidden = name !== type;
      this.mark(offer, this.group.dataset["shape"] === "tabs");
    }
    this.changed();
  }

  /** Fold everything up, as if nothing were chosen; a single type stays open, because nobody could open it again. */
  collapse(): void {
    if (this.offers.size > 1) this.choose("");
  }

  private get form(): Way | undefined {
    return this.offers.get(this.chosen)?.form;
  }

  validate(): ValidationError | undefined {
    const { ended } = this.about;
    if (ended) return { type: "validation_error", code: "payment_intent_unexpected_state", message: say(`ended_${ended}`) };
    return this.form ? this.form.validate() : wrong("incomplete_payment_method");
  }

  state(): Record<string, unknown> {
    if (!this.form) return { empty: true, complete: false, collapsed: true, value: { type: "" } };
    return { ...this.form.state(), collapsed: false };
  }

  data(): Form {
    return this.form?.data() ?? {};
  }

  update(options: Form, about: About): void {
    const before = this.drawn();
    this.options = options;
    this.about = about;
    if (this.drawn() !== before) this.fill();
    for (const { form } of this.offers.values()) form.agree(about, options);
    this.arrange();
  }

  /** All that decides which forms there are. */
  private drawn(): string {
    const { types, currency, customer, ended, kept } = this.about;
    return JSON.stringify([types, ended, currency, customer, customer && kept, this.options["paymentMethodOrder"], this.options["fields"]]);
  }

  clear(): void {
    for (const { form } of this.offers.values()) form.clear();
    this.changed();
  }

  focus(): void {
    this.form?.focus();
  }
}
