/** The operator's view: payments, one payment's timeline, what the last days were like. Reads only, unless allowed to change. */

import { encode } from "./api";
import { offered } from "./offered";

type Json = Record<string, any>;

const STORED = "perdure-key";
const POLL_MS = 2_000;
const VERSION = "2026-10-28.endive";
const SVG = "http://www.w3.org/2000/svg";

const at = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const called = (name: string): string => name.replaceAll("_", " ");
const when = (seconds: number): string => new Date(seconds * 1_000).toLocaleString();

function money(amount: number, currency: string): string {
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return new Intl.NumberFormat("en", { style: "currency", currency }).format(amount / 10 ** digits);
}

/** An element with attributes and children; text is never markup. */
function make(tag: string, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function draw(tag: string, attributes: Record<string, string | number>, ...children: (Node | string)[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

const STATES: Record<string, [number, number]> = {
  requires_payment_method: [0, 0], requires_confirmation: [1, 0], requires_action: [1, 1], processing: [2, 0],
  requires_capture: [2, 1], succeeded: [3, 0], canceled: [3, 1],
};
const [WIDE, HIGH, BOX_WIDE, BOX_HIGH] = [190, 80, 166, 40];

/** Where a payment has been, in order, and where it is. */
function machine(visited: string[], now: string): SVGElement {
  const corner = (state: string): [number, number] => {
    const [column, row] = STATES[state] ?? [0, 0];
    return [column * WIDE + 4, row * HIGH + 4];
  };
  const picture = draw("svg", { viewBox: `0 0 ${4 * WIDE} ${2 * HIGH}`, role: "img", class: "machine",
                                "aria-label": `Path: ${[...visited, now].map(called).join(", ")}` });
  for (const [state] of Object.entries(STATES)) {
    const [x, y] = corner(state);
    const kind = state === now ? "now" : visited.includes(state) ? "been" : "other";
    picture.append(draw("rect", { x, y, width: BOX_WIDE, height: BOX_HIGH, rx: 8, class: kind }),
                   draw("text", { x: x + BOX_WIDE / 2, y: y + BOX_HIGH / 2 + 5, "text-anchor": "middle", class: kind }, called(state)));
  }
  const path = [...visited, now].filter((state, index, all) => state !== all[index - 1]);
  path.slice(1).forEach((to, index) => {
    const [x1, y1] = corner(path[index] as string);
    const [x2, y2] = corner(to);
    const right = x2 >= x1;
    const [fromX, toX] = x1 === x2 ? [x1 + BOX_WIDE / 2, x2 + BOX_WIDE / 2] : right ? [x1 + BOX_WIDE, x2] : [x1, x2 + BOX_WIDE];
    const [fromY, toY] = x1 !== x2 ? [y1 + BOX_HIGH / 2, y2 + BOX_HIGH / 2] : y2 > y1 ? [y1 + BOX_HIGH, y2] : [y1, y2 + BOX_HIGH];
    picture.append(draw("line", { x1: fromX, y1: fromY, x2: toX, y2: toY, class: "step" }),
                   draw("circle", { cx: toX, cy: toY, r: 4, class: "step" }));
  });
  return picture;
}

/** Bars of what each day brought, in one currency. */
function bars(days: Json[], since: number, currency: string): SVGElement {
  const count = Math.floor(Date.now() / 86_400_000) - since / 86_400 + 1;
  const most = Math.max(1, ...days.map((day) => day["received"]));
  const step = 720 / count;
  const picture = draw("svg", { viewBox: "0 0 720 130", role: "img", class: "bars",
                                "aria-label": `Received by day, in ${currency}; the most in a day is ${money(most, currency)}` });
  for (const day of days) {
    const x = ((day["day"] - since) / 86_400) * step;
    const height = (day["received"] / most) * 100;
    const title = `${new Date(day["day"] * 1_000).toLocaleDateString()}: ${money(day["received"], currency)}, ${day["succeeded"]} of ${day["intents"]} paid`;
    picture.append(draw("rect", { x: x + 1, y: 105 - height, width: Math.max(step - 2, 2), height: Math.max(height, 1) }, draw("title", {}, title)));
  }
  picture.append(draw("line", { x1: 0, y1: 106, x2: 720, y2: 106 }),
                 draw("text", { x: 0, y: 122 }, new Date(since * 1_000).toLocaleDateString()),
                 draw("text", { x: 720, y: 122, "text-anchor": "end" }, "today"));
  return picture;
}

function table(heads: string[], rows: (Node | string)[][], caption: string): HTMLElement {
  const body = rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell))));
  return make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
              make("tbody", {}, ...body));
}

class Dashboard {
  private seen = "";
  private query = "";
  private temporal = "";

  constructor(private key: string) {
    at("sign-in").addEventListener("submit", (event) => {
      event.preventDefault();
      this.key = at<HTMLInputElement>("key").value.trim();
      void this.enter();
    });
    at("sign-out").addEventListener("click", () => {
      sessionStorage.removeItem(STORED);
      location.reload();
    });
    at("changes").addEventListener("change", () => void this.show(true));
    addEventListener("hashchange", () => void this.show(true));
    setInterval(() => void (this.key && !document.hidden && location.hash.startsWith("#/pi_") && this.show()), POLL_MS);
    if (key) void this.enter();
  }

  private async ask(path: string, form?: Parameters<typeof encode>[0]): Promise<Json> {
    // Whatever the account's own version is: this page reads the one it was written for.
    const headers = { Authorization: `Bearer ${this.key}`, "Stripe-Version": VERSION };
    // Without credentials, or the browser itself would ask for a password when the key opens nothing.
    const how = { headers, credentials: "omit" as const };
    const response = await fetch(path, form ? { ...how, method: "POST", body: encode(form) } : how);
    const answer = (await response.json()) as Json;
    if (answer["error"]) throw new Error(answer["error"].message);
    return answer;
  }

  private say(text: string): void {
    at("said").textContent = text;
    at("said").classList.toggle("failed", text !== "");
  }

  private async enter(): Promise<void> {
    try {
      await this.ask("/v1/payment_intents?limit=1");
      this.temporal = ((await (await fetch("/dashboard/facts.json")).json()) as Json)["temporal"];
      sessionStorage.setItem(STORED, this.key);
      at("sign-in").hidden = true;
      at("signed-in").hidden = false;
      at("who").textContent = `${this.key.slice(0, 8)}…${this.key.slice(-4)}`;
      await this.show(true);
    } catch (error) {
      this.key = "";
      this.say((error as Error).message);
    }
  }

  private get mayChange(): boolean {
    return at<HTMLInputElement>("changes").checked;
  }

  /** Draw what the address asks for; when only time has passed, only if something has changed. */
  private async show(afresh = false): Promise<void> {
    if (!this.key) return;
    const id = /^#\/(pi_\w+)/.exec(location.hash)?.[1];
    try {
      const drawn = id ? await this.payment(id, afresh) : location.hash === "#/methods" ? await this.methods() : await this.payments();
      this.say("");
      if (drawn) at("view").replaceChildren(...drawn);
    } catch (error) {
      this.say((error as Error).message);
    }
  }

  private methods(): Promise<HTMLElement[]> {
    return offered((path, form) => this.ask(path, form), make, this.mayChange, (text) => this.say(text));
  }

  private async payments(): Promise<HTMLElement[]> {
    const listing = this.query ? `/v1/payment_intents/search?limit=50&${encode({ query: this.query })}` : "/v1/payment_intents?limit=50";
    const [found, summary] = await Promise.all([this.ask(listing), this.ask("/dashboard/v1/summary?days=30")]);
    const search = make("input", { id: "search", value: this.query, placeholder: 'status:"succeeded" AND amount>1000' }) as HTMLInputElement;
    const form = make("form", { class: "search" }, make("label", { for: "search" }, "Search, or a pi_… id"), search, make("button", {}, "Search"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = search.value.trim();
      if (/^pi_\w+$/.test(typed)) location.hash = `#/${typed}`;
      else {
        this.query = typed;
        void this.show(true);
      }
    });
    const rows = (found["data"] as Json[]).map((intent) => [
      make("a", { href: `#/${intent["id"]}` }, intent["id"]), money(intent["amount"], intent["currency"]),
      make("span", { class: `status ${intent["status"]}` }, called(intent["status"])), intent["customer"] ?? "",
      intent["description"] ?? "", when(intent["created"]),
    ]);
    const listed = table(["Payment", "Amount", "Status", "Customer", "Description", "Created"], rows,
                         rows.length ? `The newest ${rows.length}${this.query ? " that match" : ""}` : "No payment matches.");
    return [this.overview(summary), make("section", {}, form, make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Payments" }, listed))];
  }

  private overview(summary: Json): HTMLElement {
    const currencies = [...new Set((summary["days"] as Json[]).map((day) => day["currency"] as string))];
    const charts = currencies.flatMap((currency) => {
      const days = (summary["days"] as Json[]).filter((day) => day["currency"] === currency);
      const total = days.reduce((sum, day) => sum + day["received"], 0);
      return [make("h3", {}, `${money(total, currency)} in 30 days`), bars(days, summary["since"], currency)];
    });
    const reasons = (summary["failures"] as Json[]).map((failure) => [called(failure["reason"]), String(failure["charges"])]);
    const why = reasons.length ? table(["Reason", "Charges"], reasons, "Failures by reason") : make("p", {}, "No charge has failed in 30 days.");
    return make("section", { "aria-label": "The last 30 days" }, ...charts, why);
  }

  private async payment(id: string, afresh: boolean): Promise<HTMLElement[] | undefined> {
    const found = await this.ask(`/dashboard/v1/payment_intents/${id}/timeline`);
    const now = JSON.stringify(found);
    if (!afresh && now === this.seen) return undefined;
    this.seen = now;
    const intent = found["payment_intent"] as Json;
    const events = found["events"] as Json[];
    const visited = events.filter((event) => event["object_id"] === id).map((event) => (event["status"] ?? "requires_payment_method") as string);
    const facts = make("dl", {}, ...Object.entries({
      Amount: money(intent["amount"], intent["currency"]), Received: money(intent["amount_received"], intent["currency"]),
      Created: when(intent["created"]), Customer: intent["customer"] ?? "none", "Payment method": intent["payment_method"] ?? "none",
      "Last error": intent["last_payment_error"]?.message ?? "none",
      "Not known yet": found["pending"] ? `what became of: ${found["pending"]}` : "nothing",
    }).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))]));
    const link = make("a", { href: `${this.temporal}/workflows/${id}`, target: "_blank" }, "Open in the Temporal UI");
    return [
      make("section", {}, make("h2", {}, `${id} `, make("span", { class: `status ${intent["status"]}` }, called(intent["status"]))),
           machine(visited, intent["status"]) as unknown as HTMLElement, facts, make("p", {}, link), ...this.actions(intent)),
      make("section", {}, make("h3", {}, "Timeline"), make("ol", { class: "timeline" },
        ...events.map((event) => this.event(event)),
        ...(found["timers"] as Json[]).map((timer) => make("li", { class: "timer" }, make("time", {}, when(timer["at"])), ` ${called(timer["what"])}, by itself`)))),
    ];
  }

  private event(event: Json): HTMLElement {
    const told = (event["deliveries"] as Json[]).map((delivery) => {
      const last = (delivery["attempts"] as Json[]).at(-1);
      const how = last ? `${last["status"] ?? last["error"]}, try ${delivery["attempts"].length}` : "not tried yet";
      const next = delivery["state"] === "pending" && delivery["due"] ? `, again ${when(delivery["due"])}` : "";
      return make("li", {}, `${called(delivery["state"])}: ${delivery["url"] ?? delivery["endpoint"]} (${how}${next})`);
    });
    const item = make("li", {}, make("time", {}, when(event["created"])), " ", make("strong", {}, event["type"]), ` ${event["object_id"]}`);
    if (told.length) item.append(make("ul", { "aria-label": "Webhooks" }, ...told));
    return item;
  }

  private actions(intent: Json): HTMLElement[] {
    if (!this.mayChange) return [];
    const path = `/v1/payment_intents/${intent["id"]}`;
    const offers: [string, string, Parameters<typeof encode>[0]][] = [];
    if (intent["status"] === "requires_capture") offers.push(["Capture", `${path}/capture`, {}]);
    if (!["succeeded", "canceled", "processing"].includes(intent["status"])) offers.push(["Cancel", `${path}/cancel`, {}]);
    if (intent["status"] === "succeeded") offers.push(["Refund", "/v1/refunds", { payment_intent: intent["id"] }]);
    if (!intent["livemode"] && !["succeeded", "canceled"].includes(intent["status"])) {
      offers.push(["A day later", `/v1/test_helpers/payment_intents/${intent["id"]}/fast_forward`, { seconds: 86_400 }]);
    }
    return [make("p", {}, ...offers.map(([name, where, form]) => {
      const button = make("button", {}, name);
      button.addEventListener("click", () => {
        if (confirm(`${name}: ${intent["id"]}, ${money(intent["amount"], intent["currency"])}?`)) {
          void this.ask(where, form).then(() => this.show(true), (error: Error) => this.say(error.message));
        }
      });
      return button;
    }))];
  }
}

new Dashboard(sessionStorage.getItem(STORED) ?? "");
