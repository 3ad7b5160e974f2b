/** The inputs of a frame, and how they look: plain HTML, styled through CSS variables that the merchant's page sets. */

import type { Form } from "../protocol";

let numbered = 0;

export interface Input {
  box: HTMLElement;
  input: HTMLInputElement | HTMLSelectElement;
  complain: (message: string | undefined) => void;
}

/** A labelled input. `bare` hides the label from those who see, as a single card field does. */
export function labelled(label: string, attributes: Record<string, string>, bare = false, choices?: readonly string[]): Input {
  const id = `field-${++numbered}`;
  const box = document.createElement("div");
  box.className = bare ? "field bare" : "field";
  const name = document.createElement("label");
  name.htmlFor = id;
  name.textContent = label;
  const input = document.createElement(choices ? "select" : "input");
  for (const [attribute, value] of Object.entries({ ...attributes, id })) input.setAttribute(attribute, value);
  for (const choice of choices ?? []) input.append(new Option(choice.replaceAll("_", " "), choice));
  const error = document.createElement("p");
  error.id = `${id}-error`;
  error.className = "error";
  error.setAttribute("role", "alert");
  box.append(name, input);
  if (!bare) box.append(error);
  const complain = (message: string | undefined): void => {
    input.toggleAttribute("data-invalid", message !== undefined);
    input.setAttribute("aria-invalid", String(message !== undefined));
    error.textContent = message ?? "";
    if (message && !bare) input.setAttribute("aria-describedby", error.id);
    else input.removeAttribute("aria-describedby");
  };
  return { box, input, complain };
}

/** Let nothing be typed while the merchant's page says so: `disabled` of a card or IBAN, `readOnly` of a payment element. */
export function restrict(root: HTMLElement, options: Form): void {
  const closed = options["disabled"] === true || options["readOnly"] === true;
  for (const input of root.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")) input.disabled = closed;
}

const VARIABLES: Record<string, string> = {
  colorPrimary: "--primary", colorBackground: "--background", colorText: "--text", colorDanger: "--danger",
  borderRadius: "--radius", fontFamily: "--font", fontSizeBase: "--size", spacingUnit: "--space",
};
const DARK = { "--background": "#30313d", "--text": "#ffffff", "--border": "#424353", "--primary": "#85d996" };
const STYLES: Record<string, string> = { color: "--text", fontSize: "--size", fontFamily: "--font", iconColor: "--icon",
                                         fontWeight: "--weight", lineHeight: "--line" };

/** Take over the merchant's appearance (Elements) or style (card fields). Only variables: no foreign CSS gets in. */
export function dress(options: Form): void {
  const root = document.documentElement.style;
  const appearance = (options["appearance"] ?? {}) as Form;
  if (appearance["theme"] === "night") for (const [name, value] of Object.entries(DARK)) root.setProperty(name, value);
  const given = (appearance["variables"] ?? {}) as Form;
  for (const [name, variable] of Object.entries(VARIABLES)) if (given[name]) root.setProperty(variable, String(given[name]));
  const style = (options["style"] ?? {}) as Form;
  const base = (style["base"] ?? {}) as Form;
  for (const [name, variable] of Object.entries(STYLES)) if (base[name]) root.setProperty(variable, String(base[name]));
  const invalid = (style["invalid"] ?? {}) as Form;
  if (invalid["color"]) root.setProperty("--danger", String(invalid["color"]));
  const placeholder = base["::placeholder"] as Form | undefined;
  if (placeholder?.["color"]) root.setProperty("--hint", String(placeholder["color"]));
}
