/** A field on the merchant's page: an empty box there, with a frame of the API's in it. */

import { IntegrationError } from "./errors";
import type { Answer, FieldType, Form, Hello, News, Reply, Request } from "./protocol";

type Listener = (event: never) => void;
type Unnumbered<T> = T extends { id: number } ? Omit<T, "id"> : never;

/** What an element needs to know of its Stripe. */
export interface Home {
  origin: string;
  key: string;
}

export class FramedElement {
  private frame: HTMLIFrameElement | undefined;
  private port: MessagePort | undefined;
  private opened: Promise<void> | undefined;
  private destroyed = false;
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private asked = 0;

  constructor(
    private readonly home: Home,
    readonly elementType: FieldType,
    readonly group: string,
    private options: Form,
    private readonly types: () => Promise<string[]>,
    private readonly gone: (element: FramedElement) => void,
  ) {}

  get mounted(): boolean {
    return this.frame !== undefined;
  }

  mount(target: string | HTMLElement): void {
    if (this.destroyed) throw new IntegrationError("This Element has already been destroyed. Please create a new one.");
    const box = typeof target === "string" ? document.querySelector<HTMLElement>(target) : target;
    if (!box) {
      throw new IntegrationError(
        `The selector you specified (${target}) applies to no DOM elements that are currently on the page. ` +
          "Make sure the element exists on the page before calling mount().",
      );
    }
    if (this.frame?.parentElement === box) return;
    this.unmount();
    const frame = document.createElement("iframe");
    frame.title = this.elementType === "payment" ? "Secure payment input frame" : "Secure card payment input frame";
    frame.allow = "payment *";
    frame.src = `${this.home.origin}/elements/frame.html`;
    const style = { border: "0", margin: "0", padding: "0", width: "100%", height: "1.2em", display: "block",
                    background: "transparent", "color-scheme": "light only" };
    for (const [name, value] of Object.entries(style)) frame.style.setProperty(name, value);
    this.opened = new Promise((open) => {
      frame.addEventListener("load", () => void this.greet(frame).then(open), { once: true });
    });
    box.replaceChildren(frame);
    box.classList.add("StripeElement", "StripeElement--empty");
    this.frame = frame;
  }

  private async greet(frame: HTMLIFrameElement): Promise<void> {
    const types = await this.types();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (message: MessageEvent<Reply | News>) => this.hear(message.data);
    this.port = port1;
    const hello: Hello = { perdure: "hello", key: this.home.key, type: this.elementType, group: this.group,
                           options: this.options, types };
    frame.contentWindow?.postMessage(hello, this.home.origin, [port2]);
  }

  private hear(said: Reply | News): void {
    if ("id" in said) {
      this.waiting.get(said.id)?.(said.answer);
      this.waiting.delete(said.id);
    } else if (said.event === "height") {
      this.frame?.style.setProperty("height", `${said.pixels}px`);
    } else {
      const detail = said.event === "change" ? said.detail : {};
      this.mark(said.event, detail);
      this.emit(said.event, { elementType: this.elementType, ...detail });
    }
  }

  /** The classes that Stripe's elements put on their box. */
  private mark(event: string, detail: Record<string, unknown>): void {
    const classes = this.frame?.parentElement?.classList;
    if (event === "focus" || event === "blur") classes?.toggle("StripeElement--focus", event === "focus");
    if (event !== "change") return;
    classes?.toggle("StripeElement--complete", detail["complete"] === true);
    classes?.toggle("StripeElement--empty", detail["empty"] === true);
    classes?.toggle("StripeElement--invalid", detail["error"] !== undefined);
  }

  private emit(name: string, event: object): void {
    for (const listener of this.listeners.get(name) ?? []) listener(event as never);
  }

  private async request(request: Unnumbered<Request>): Promise<Answer> {
    if (!this.frame || !this.opened) {
      const message = "We could not retrieve data from the specified Element. Please make sure the Element you are " +
        "attempting to use is still mounted.";
      throw new IntegrationError(message);
    }
    await this.opened;
    const id = ++this.asked;
    return new Promise((answer) => {
      this.waiting.set(id, answer);
      this.port?.postMessage({ ...request, id });
    });
  }

  /** Have the frame send `form` to the API, with what was typed into it in its `place`. */
  send(path: string, form: Form, place: "" | "payment_method_data", billing?: Form): Promise<Answer> {
    return this.request({ call: "send", path, form, place, ...(billing ? { billing } : {}) });
  }

  /** Show what is missing; an error if something is. */
  validate(): Promise<Answer> {
    return this.request({ call: "validate" });
  }

  on(name: string, listener: Listener): this {
    const known = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, known.add(listener));
    return this;
  }

  once(name: string, listener: Listener): this {
    const first = (event: never): void => {
      this.off(name, first);
      listener(event);
    };
    return this.on(name, first);
  }

  off(name: string, listener?: Listener): this {
    if (listener) this.listeners.get(name)?.delete(listener);
    else this.listeners.delete(name);
    return this;
  }

  addListener = this.on;
  addEventListener = this.on;
  removeListener = this.off;
  removeEventListener = this.off;

  update(options: Form): void {
    this.options = { ...this.options, ...options };
    if (this.frame) void this.request({ call: "update", options: this.options });
  }

  clear(): void {
    if (this.frame) void this.request({ call: "clear" });
  }

  focus(): void {
    this.frame?.focus();
    if (this.frame) void this.request({ call: "focus" });
  }

  blur(): void {
    if (this.frame) void this.request({ call: "blur" });
    this.frame?.blur();
  }

  collapse(): this {
    if (this.frame) void this.request({ call: "collapse" });
    return this;
  }

  unmount(): void {
    const box = this.frame?.parentElement;
    box?.classList.remove("StripeElement", "StripeElement--empty", "StripeElement--focus", "StripeElement--complete",
                          "StripeElement--invalid");
    this.frame?.remove();
    this.port?.close();
    this.frame = this.port = this.opened = undefined;
  }

  destroy(): void {
    this.unmount();
    this.destroyed = true;
    this.listeners.clear();
    this.gone(this);
  }
}
