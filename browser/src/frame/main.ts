/** What runs in a frame of an element: on the API's origin, out of reach of the merchant's page. */

import { ask } from "../api";
import type { ValidationError } from "../errors";
import type { About, Answer, ApiError, Form, Hello, News, Reply, Request } from "../protocol";
import { dress } from "./appearance";
import { CardFields } from "./card";
import { made, restrict } from "./fields";
import type { Panel } from "./panel";
import { panelOf } from "./panels";
import { Siblings } from "./siblings";
import { isOn } from "./terms";
import { say, speak } from "./texts";

/** Where a card may go, whatever the merchant's page asks for. */
const SENT_TO = /^\/v1\/(payment_methods|confirmation_tokens|tokens|payment_intents\/pi_[A-Za-z0-9]+\/confirm|setup_intents\/seti_[A-Za-z0-9]+\/confirm)$/;

const TOKENS = "/v1/confirmation_tokens";
const NOT_NEW: ApiError = {
  type: "invalid_request_error",
  message: "The buyer has chosen a saved payment method, so there is none to create. Use stripe.createConfirmationToken() or stripe.confirmPayment().",
};

class Frame {
  private readonly panel: Panel;
  private readonly siblings: Siblings | undefined;
  private about: About;
  private last = "";

  constructor(private readonly hello: Hello, private readonly port: MessagePort, private readonly root: HTMLElement) {
    this.about = hello.about;
    const changed = (): void => queueMicrotask(() => this.change());
    root.replaceChildren();
    root.className = hello.type;
    this.panel = panelOf(hello)(root, changed, hello, (news) => this.tell(news));
    restrict(root, hello.options);
    if (hello.type.startsWith("card")) this.siblings = new Siblings(hello.group, () => this.part());
    port.onmessage = (message: MessageEvent<Request>) => void this.hear(message.data);
    root.addEventListener("focusin", () => this.tell({ event: "focus" }));
    root.addEventListener("focusout", () => this.tell({ event: "blur" }));
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.tell({ event: "escape" });
    });
    new ResizeObserver(() => this.measure()).observe(root);
    this.measure(); // A frame out of sight is not observed until it is seen.
    this.tell({ event: "ready", detail: this.panel.ready?.() ?? {} });
  }

  private tell(news: News): void {
    this.port.postMessage(news);
  }

  private measure(): void {
    this.tell({ event: "height", pixels: Math.ceil(this.root.getBoundingClientRect().height) });
  }

  /** Say how things stand, once for each way they stand. Never what was typed, where that is a secret. */
  private change(): void {
    const detail = this.panel.state();
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
        return error ? { error } : { object: { type: this.panel.data?.([])["type"] ?? "card" } };
      }
      case "value":
        return { object: this.panel.value?.() ?? {} };
      case "update":
        this.update(request.options, request.about);
        return {};
      case "clear":
      case "focus":
        this.panel[request.call]();
        return {};
      case "blur":
        (document.activeElement as HTMLElement | null)?.blur();
        return {};
      case "collapse":
        this.panel.collapse?.();
        return {};
    }
  }

  private update(options: Form, about?: About): void {
    this.hello.options = options;
    this.about = about ?? this.about;
    dress(options);
    this.panel.update?.(options, this.about);
    restrict(this.root, options);
  }

  private async send(request: Extract<Request, { call: "send" }>): Promise<Answer> {
    if (!SENT_TO.test(request.path)) return { error: { type: "invalid_request_error", message: "Nothing is sent there." } };
    const others = this.hello.type === "cardNumber" ? await (this.siblings as Siblings).parts() : [];
    const error = this.panel.validate() ?? others.find((part) => part.error)?.error;
    if (error) return { error };
    const form = filled(request, this.panel.data?.(others.map((part) => part.card)) ?? {}, this.about.customer?.secret);
    if (!form) return { error: NOT_NEW };
    restrict(this.root, this.hello.options, true);
    const answer = await ask(location.origin, "POST", request.path, form);
    restrict(this.root, this.hello.options);
    return answer;
  }
}

/** The whole form of a request, with what was `typed` in its place; undefined where something new would have to be. */
function filled(request: Extract<Request, { call: "send" }>, typed: Form, session: string | undefined): Form | undefined {
  const { path, form, place } = request;
  const { payment_method_options: options, setup_future_usage: usage, payment_method: saved, ...data } = typed;
  if (path === "/v1/tokens") return { ...form, card: merged(cardOf(data), (form["card"] ?? {}) as Form) };
  if (saved) {
    if (!place) return undefined;
    const { [place]: _, ...rest } = form;
    return { ...rest, payment_method: saved, ...(path === TOKENS ? { customer_session_client_secret: session } : {}) };
  }
  if (!place) return merged(data, form);
  const confirms = path.endsWith("/confirm");
  const beside = { ...(confirms && options ? { payment_method_options: options } : {}),
                   ...(usage && !path.includes("setup_intents") ? { setup_future_usage: usage } : {}) };
  return { ...merged(beside, form), [place]: merged(data, (form[place] ?? {}) as Form) };
}

/** A card as a token has it, whose postal code is its own. */
function cardOf(data: Form): Form {
  const address = ((data["billing_details"] ?? {}) as Form)["address"] as Form | undefined;
  return { ...(data["card"] as Form), ...(address ? { address_zip: address["postal_code"] } : {}) };
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

/** There is nothing to pay, and why. */
function fail(root: HTMLElement, port: MessagePort, why: string): void {
  const said = made("p", "Error", `${say("load_failed")} ${why}`);
  said.setAttribute("role", "alert");
  root.className = "failed";
  root.replaceChildren(said);
  port.postMessage({ event: "height", pixels: Math.ceil(root.getBoundingClientRect().height) } satisfies News);
}

addEventListener("message", (message: MessageEvent<Hello | null>) => {
  const port = message.ports[0];
  const root = document.querySelector<HTMLElement>("main");
  if (message.data?.perdure !== "hello" || !port || !root || root.className) return;
  isOn(message.origin);
  speak(message.data.locale);
  dress(message.data.options);
  if (message.data.error) fail(root, port, message.data.error.message ?? "");
  else new Frame(message.data, port, root);
});
