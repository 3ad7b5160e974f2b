/** What each kind of element is to its frame. */

import type { ValidationError } from "../errors";
import type { About, Form } from "../protocol";

export interface Panel {
  /** Show what is missing; the first of it. */
  validate(): ValidationError | undefined;
  /** How things stand, as a `change` event says it. Never what is a secret. */
  state(): Record<string, unknown>;
  clear(): void;
  focus(): void;
  /** As `payment_method_data`; `payment_method_options` in it goes beside it. */
  data?(others: Form[]): Form;
  /** What the merchant's page may know. */
  value?(): Record<string, unknown>;
  /** More of the `ready` event. */
  ready?(): Record<string, unknown>;
  update?(options: Form, about: About): void;
  collapse?(): void;
}
