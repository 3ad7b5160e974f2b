/** A field on the merchant's page: an empty box there, with a frame of the API's in it. */

import { failed } from "./actions";
import { IntegrationError } from "./errors";
import { Listeners, type Listener } from "./listeners";
import type { About, Answer, ApiError, FieldType, Form, Hello, News, Place, Reply, Request } from "./protocol";

type Unnumbered<T> = T extends { id: number } ? Omit<T, "id"> : never;

/** What an element needs to know of its Stripe. */
export interface Home {
  origin: string;
  key: string;
  /** Which account, and which version of the API: sent with every request. */
  signature: Form;
}

/** What an element needs to know of the group it belongs to. */
export interface Group {
  id: string;
  locale: string;
  /** What there is to pay, or why nobody can say. */
  about: (type: FieldType) => Promise<{ about: About; error?: ApiError }>;
  gone: (element: FramedElement) => void;
  /** A wallet's button was pressed, and its page is open. */
  express: (wallet: string) => void;
}

/** How high a frame is until it says so itself: as high as it will be, so that the page does not jump. */
const HEIGHTS: Partial<Record<FieldType, string>> = { payment: "236px", address: "336px", shippingAddress: "336px", linkAuthentication: "72px" };
const TITLES: Partial<Record<FieldType, string>> = {
  payment: "Secure payment input frame", paymentForm: "Secure payment input frame", address: "Secure address input frame",
  shippingAddress: "Secure address input frame", linkAuthentication: "Secure email input frame",
  linkSignup: "Secure email input frame", contactDetails: "Secure email input frame",
  expressCheckout: "Secure express checkout frame", terms: "Terms", taxId: "Secure tax ID input frame",
};
const STYLE = { border: "0", margin: "0", padding: "0", width: "100%", display: "block", background: "transparent",
                "color-scheme": "light only" };
/** Types whose `loaderstart` tells a page that a frame is on its way. */
const LOADING: readonly FieldType[] = ["payment", "address", "shippingAddress", "linkAuthentication", "linkSignup",
                                       "contactDetails", "taxId", "terms"];

/** So long a frame may take to be there; and how often it is looked for while it is asked for something. */
const LOAD_MS_MAX = 20_000;
const WATCH_MS = 500;
const UNREACHABLE: ApiError = {
  type: "api_connection_error",
  message: "We are experiencing issues connecting to our payments provider. Please check your connection and try again.",
};
/** Of an element that left its page before it could answer; what became of what it was asked is for others to find out. */
export const LEFT: ApiError = {
  type: "invalid_request_error", code: "element_unmounted",
  message: "The Element was removed from the page before it had answered. Keep it mounted until the promise has resolved.",
};

export class FramedElement {
  private frame: HTMLIFrameElement | undefined;
  private port: MessagePort | undefined;
  /** Why nothing can be asked of it. */
  private failure: ApiError | undefined;
  private opened: Promise<void> | undefined;
  private destroyed = false;
  private readonly listeners = new Listeners();
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private asked = 0;

  constructor(
    private readonly home: Home,
    readonly elementType: FieldType,
    private readonly belongs: Group,
    private options: Form,
  ) {}

  get group(): string {
    return this.belongs.id;
  }

  get mounted(): boolean {
    return this.frame !== undefined;
  }

  /** `shipping` or `billing`, of an address. */
  get mode(): string {
    return this.elementType === "shippingAddress" ? "shipping" : String(this.options["mode"] ?? "");
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
    frame.title = TITLES[this.elementType] ?? "Secure card payment input frame";
    frame.allow = "payment *";
    frame.src = `${this.home.origin}/elements/frame.html`;
    const height = HEIGHTS[this.elementType] ?? "1.2em";
    for (const [name, value] of Object.entries({ ...STYLE, height })) frame.style.setProperty(name, value);
    this.failure = undefined;
    this.opened = new Promise((open) => {
      frame.addEventListener("load", () => void this.greet(frame).then(open), { once: true });
      setTimeout(() => {
        if (this.frame === frame && frame.dataset["ready"] === undefined && !this.failure) this.break(UNREACHABLE);
        open();
      }, LOAD_MS_MAX);
    });
    box.replaceChildren(frame);
    box.classList.add("StripeElement", "StripeElement--empty");
    this.frame = frame;
  }

  private async greet(frame: HTMLIFrameElement): Promise<void> {
    if (LOADING.includes(this.elementType)) this.emit("loaderstart");
    const { about, error } = await this.belongs.about(this.elementType);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (message: MessageEvent<Reply | News>) => this.hear(message.data);
    this.port = port1;
    const hello: Hello = { perdure: "hello", key: this.home.key, type: this.elementType, group: this.group,
                           options: this.options, about, locale: this.belongs.locale, ...(error ? { error } : {}) };
    frame.contentWindow?.postMessage(hello, this.home.origin, [port2]);
    if (error) this.break(error);
  }

  /** Whoever has asked it for something, or will, is told why it cannot answer. */
  private break(error: ApiError): void {
    this.failure = error;
    for (const answer of [...this.waiting.values()]) answer({ error });
    this.fail(error);
  }

  /** Say that it is not known what there is to pay. */
  fail(error: ApiError): void {
    this.emit("loaderror", failed(error));
  }

  private hear(said: Reply | News): void {
    if ("id" in said) {
      this.waiting.get(said.id)?.(said.answer);
    } else if (said.event === "height") {
      this.frame?.style.setProperty("height", `${said.pixels}px`);
    } else if (said.event === "click") {
      this.pressed(String(said.detail["expressPaymentType"]));
    } else {
      const detail = "detail" in said ? said.detail : {};
      if (said.event === "ready") this.arrived();
      this.mark(said.event, detail);
      this.emit(said.event, detail);
    }
  }

  /** It is there, if late. */
  private arrived(): void {
    if (this.frame) this.frame.dataset["ready"] = "true";
    this.failure = undefined;
  }

  /** A wallet's button: the merchant's page says that it may go on, and is then told to confirm. */
  private pressed(wallet: string): void {
    const go = (): void => {
      this.belongs.express(wallet);
      this.emit("confirm", { expressPaymentType: wallet, paymentFailed: () => undefined });
    };
    if (!this.listeners.has("click")) go();
    else this.emit("click", { expressPaymentType: wallet, resolve: go, reject: () => this.emit("cancel") });
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

  private emit(name: string, detail: object = {}): void {
    this.listeners.emit(name, { elementType: this.elementType, ...detail });
  }

  private async request(request: Unnumbered<Request>): Promise<Answer> {
    if (!this.frame || !this.opened) {
      const message = "We could not retrieve data from the specified Element. Please make sure the Element you are " +
        "attempting to use is still mounted.";
      throw new IntegrationError(message);
    }
    const { frame } = this;
    await this.opened;
    if (this.failure) return { error: this.failure };
    const id = ++this.asked;
    return new Promise((resolve) => {
      const answer = (given: Answer): void => {
        clearInterval(watch);
        this.waiting.delete(id);
        resolve(given);
      };
      // A page may take the element away, or the box that it is in; nobody says so.
      const watch = setInterval(() => {
        if (!frame.isConnected) answer({ error: LEFT });
      }, WATCH_MS);
      this.waiting.set(id, answer);
      this.port?.postMessage({ ...request, id });
    });
  }

  /** Have the frame send `form` to the API, with what was typed into it in its `place`. */
  send(path: string, form: Form, place: Place): Promise<Answer> {
    return this.request({ call: "send", path, form, place });
  }

  /** Show what is missing; an error if something is. */
  validate(): Promise<Answer> {
    return this.request({ call: "validate" });
  }

  /** What was typed, of an element that is no secret: an address, an e-mail address. */
  async getValue(): Promise<Record<string, unknown>> {
    return (await this.request({ call: "value" })).object ?? {};
  }

  on(name: string, listener: Listener): this {
    this.listeners.on(name, listener);
    return this;
  }

  once(name: string, listener: Listener): this {
    this.listeners.once(name, listener);
    return this;
  }

  off(name: string, listener?: Listener): this {
    this.listeners.off(name, listener);
    return this;
  }

  addListener = this.on;
  addEventListener = this.on;
  removeListener = this.off;
  removeEventListener = this.off;

  update(options: Form, about?: About): this {
    this.options = { ...this.options, ...options };
    if (this.frame) void this.request({ call: "update", options: this.options, ...(about ? { about } : {}) });
    return this;
  }

  clear(): this {
    if (this.frame) void this.request({ call: "clear" });
    return this;
  }

  focus(): this {
    this.frame?.focus();
    if (this.frame) void this.request({ call: "focus" });
    return this;
  }

  blur(): this {
    if (this.frame) void this.request({ call: "blur" });
    this.frame?.blur();
    return this;
  }

  collapse(): this {
    if (this.frame) void this.request({ call: "collapse" });
    return this;
  }

  unmount(): this {
    const box = this.frame?.parentElement;
    box?.classList.remove("StripeElement", "StripeElement--empty", "StripeElement--focus", "StripeElement--complete",
                          "StripeElement--invalid");
    this.frame?.remove();
    this.port?.close();
    this.frame = this.port = this.opened = undefined;
    return this;
  }

  destroy(): this {
    this.unmount();
    this.destroyed = true;
    this.listeners.clear();
    this.belongs.gone(this);
    return this;
  }
}
