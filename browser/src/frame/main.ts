/** What runs in a frame of an element: on the API's origin, out of reach of the merchant's page. */

import { ask } from "../api";
import type { ValidationError } from "../errors";
import type { Answer, FieldType, Form, Hello, News, Reply, Request } from "../protocol";
import { CardFields } from "./card";
import { Choice } from "./choice";
import { dress, labelled, restrict } from "./fields";
import { Siblings } from "./siblings";

/** Where a card may go, whatever the merchant's page asks for. */
const SENT_TO = /^\/v1\/(payment_methods|confirmation_tokens|payment_intents\/pi_[A-Za-z0-9]+\/confirm)$/;

interface Panel {
  validate: () => ValidationError | undefined;
  state: () => Record<string, unknown>;
  clear: () => void;
  focus: () => void;
}

class Frame {
  private readonly panel: Panel;
  private readonly siblings: Siblings | undefined;
  private last = "";

  constructor(private readonly hello: Hello, private readonly port: MessagePort, private readonly root: HTMLElement) {
    dress(hello.options);
    this.panel = this.make(hello.type, root);
    restrict(root, hello.options);
    if (hello.type.startsWith("card")) {
      this.siblings = new Siblings(hello.group, () => this.part());
    }
    port.onmessage = (message: MessageEvent<Request>) => void this.hear(message.data);
    root.addEventListener("focusin", () => this.tell({ event: "focus" }));
    root.addEventListener("focusout", () => this.tell({ event: "blur" }));
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.tell({ event: "escape" });
    });
    new ResizeObserver(() => this.tell({ event: "height", pixels: Math.ceil(root.getBoundingClientRect().height) })).observe(root);
    this.tell({ event: "ready" });
  }

  private make(type: FieldType, root: HTMLElement): Panel {
    const changed = (): void => queueMicrotask(() => this.change());
    root.className = type;
    if (type === "payment") return new Choice(root, this.hello.types, changed, this.hello.options);
    if (type !== "iban") return new CardFields(type, root, changed, this.hello.options);
    const field = labelled("IBAN", { placeholder: "DE00 0000 0000 0000 0000 00", autocomplete: "off", name: "iban" }, true);
    const value = (): string => field.input.value.replaceAll(" ", "");
    const error = (): ValidationError | undefined =>
      value().length < 15 ? { type: "validation_error", code: "incomplete_iban", message: "Your IBAN is incomplete." } : undefined;
    field.input.addEventListener("input", changed);
    root.append(field.box);
    return {
      validate: error,
      state: () => ({ empty: value() === "", complete: !error(), country: value().slice(0, 2), iban: value() }),
      clear: () => {
        field.input.value = "";
        changed();
      },
      focus: () => field.input.focus(),
    };
  }

  private tell(news: News): void {
    this.port.postMessage(news);
  }

  /** Say how things stand, once for each way they stand. Never what was typed. */
  private change(): void {
    const { iban: _, ...detail } = this.panel.state();
    const said = JSON.stringify(detail);
    if (said === this.last) return;
    this.last = said;
    this.tell({ event: "change", detail });
  }

  private part(): { card: Form; error?: ValidationError } {
    const error = this.panel.validate();
    const card = this.panel instanceof CardFields ? this.panel.card() : {};
    return { card, ...(error ? { error } : {}) };
  }

  private async hear(request: Request): Promise<void> {
    const reply: Reply = { id: request.id, answer: await this.obey(request) };
    this.port.postMessage(reply);
  }

  private async obey(request: Request): Promise<Answer> {
    switch (request.call) {
      case "send":
        return this.send(request);
      case "validate": {
        const error = this.panel.validate();
        const chosen = this.panel instanceof Choice ? this.panel.data()["type"] : "card";
        return error ? { error } : { object: { type: chosen } };
      }
      case "clear":
        this.panel.clear();
        return {};
      case "focus":
        this.panel.focus();
        return {};
      case "blur":
        (document.activeElement as HTMLElement | null)?.blur();
        return {};
      case "update":
        dress(request.options);
        restrict(this.root, request.options);
        return {};
      case "collapse":
        if (this.panel instanceof Choice) this.panel.collapse();
        return {};
    }
  }

  private async send(request: Extract<Request, { call: "send" }>): Promise<Answer> {
    if (!SENT_TO.test(request.path)) return { error: { type: "invalid_request_error", message: "Nothing is sent there." } };
    const others = this.hello.type === "cardNumber" ? await (this.siblings as Siblings).parts() : [];
    const error = this.panel.validate() ?? others.find((part) => part.error)?.error;
    if (error) return { error };
    const typed = this.typed(others.map((part) => part.card));
    const given = request.place ? ((request.form[request.place] ?? {}) as Form) : request.form;
    const filled = merged(typed, given);
    const form = request.place ? { ...request.form, [request.place]: filled } : filled;
    return ask(location.origin, "POST", request.path, form);
  }

  /** A payment method's data, as it was typed here. */
  private typed(others: Form[]): Form {
    if (this.panel instanceof Choice) return this.panel.data();
    if (!(this.panel instanceof CardFields)) return { type: "sepa_debit", sepa_debit: { iban: String(this.panel.state()["iban"]) } };
    const postal = this.panel.postalCode();
    const billing = postal ? { billing_details: { address: { postal_code: postal } } } : {};
    return { type: "card", card: Object.assign({}, this.panel.card(), ...others) as Form, ...billing };
  }
}

/** What the merchant's page says wins, hash by hash. */
function merged(typed: Form, given: Form): Form {
  const all: Form = { ...typed };
  for (const [name, value] of Object.entries(given)) {
    const before = all[name];
    const both = isForm(before) && isForm(value);
    all[name] = both ? merged(before, value) : (value ?? before);
  }
  return all;
}

const isForm = (value: unknown): value is Form => typeof value === "object" && value !== null && !Array.isArray(value);

addEventListener("message", (message: MessageEvent<Hello | null>) => {
  const port = message.ports[0];
  const root = document.querySelector<HTMLElement>("main");
  if (message.data?.perdure === "hello" && port && root && !root.className) new Frame(message.data, port, root);
});
