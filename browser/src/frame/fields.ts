/** The inputs of a frame: plain HTML, under the class names that Stripe's appearance rules have. */

import type { Form } from "../protocol";

let numbered = 0;

export interface Input {
  box: HTMLElement;
  input: HTMLInputElement | HTMLSelectElement;
  label: HTMLLabelElement;
  complain: (message: string | undefined) => void;
}

/** What can be chosen: its value, and what it is called. */
export type Choices = readonly (readonly [value: string, name: string])[];

/** An element of that class, with what is in it. */
export function made<T extends keyof HTMLElementTagNameMap>(tag: T, name: string, ...inside: (Node | string)[]): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside);
  return element;
}

/** A labelled input. `bare` hides the label from those who see, as a single card field does. */
export function labelled(text: string, attributes: Record<string, string>, bare = false, choices?: Choices): Input {
  const id = `field-${++numbered}`;
  const box = made("div", bare ? "field bare" : "field");
  const label = made("label", "Label", text);
  label.htmlFor = id;
  const input = document.createElement(choices ? "select" : "input");
  if (!bare) input.className = "Input";
  for (const [attribute, value] of Object.entries({ ...attributes, id })) input.setAttribute(attribute, value);
  for (const [value, name] of choices ?? []) input.append(new Option(name, value));
  const error = made("p", "Error");
  error.id = `${id}-error`;
  error.setAttribute("role", "alert");
  box.append(label, made("div", "control", input));
  if (!bare) box.append(error);
  const complain = (message: string | undefined): void => {
    const wrong = message !== undefined;
    input.toggleAttribute("data-invalid", wrong);
    input.classList.toggle("Input--invalid", wrong && !bare);
    label.classList.toggle("Label--invalid", wrong);
    input.setAttribute("aria-invalid", String(wrong));
    error.textContent = message ?? "";
    if (message && !bare) input.setAttribute("aria-describedby", error.id);
    else input.removeAttribute("aria-describedby");
  };
  return { box, input, label, complain };
}

/** Let nothing be typed while the merchant's page says so: `disabled` of a card or IBAN, `readOnly` of a payment element. */
export function restrict(root: HTMLElement, options: Form, busy = false): void {
  const closed = busy || options["disabled"] === true || options["readOnly"] === true;
  for (const input of root.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select, button")) input.disabled = closed;
  root.setAttribute("aria-busy", String(busy));
}
