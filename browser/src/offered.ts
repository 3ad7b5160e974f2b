/** Which payment method types the account offers to whoever names none: a switch for each, in its own configuration. */

import type { encode } from "./api";

type Json = Record<string, any>;
type Ask = (path: string, form?: Parameters<typeof encode>[0]) => Promise<Json>;
type Make = (tag: string, attributes?: Record<string, string>, ...children: (Node | string)[]) => HTMLElement;

const PATH = "/v1/payment_method_configurations";

/** The configuration that payments go by unless they name another. */
async function own(ask: Ask): Promise<Json> {
  const listed = await ask(`${PATH}?limit=100`);
  const found = (listed["data"] as Json[]).find((one) => one["is_default"]);
  if (!found) throw new Error("The account has no configuration of payment methods.");
  return found;
}

/** The page: switches that can be turned where changes are allowed. `say` tells what went wrong. */
export async function offered(ask: Ask, make: Make, mayChange: boolean, say: (text: string) => void): Promise<HTMLElement[]> {
  const configuration = await own(ask);
  const types = Object.keys(configuration).filter((name) => configuration[name]?.display_preference);
  const items = types.map((name) => {
    const box = make("input", { type: "checkbox", id: `offer-${name}` }) as HTMLInputElement;
    box.checked = configuration[name].available as boolean;
    box.disabled = !mayChange || name === "card";
    box.addEventListener("change", () => {
      const display_preference = { preference: box.checked ? "on" : "off" };
      ask(`${PATH}/${configuration["id"]}`, { [name]: { display_preference } }).then(
        () => say(""),
        (error: Error) => {
          box.checked = !box.checked;
          say(error.message);
        },
      );
    });
    return make("li", {}, make("label", { class: "check", for: box.id }, box, ` ${name.replaceAll("_", " ")}`));
  });
  const what = "Who names no types when they create a payment takes those that are on, if they fit its currency, amount and use.";
  return [make("section", {}, make("h2", {}, "Payment methods"), make("p", {}, what), make("ul", { class: "offered" }, ...items))];
}
