/** How the library says that it is used wrongly: it throws, as Stripe's does. What a buyer can mend is a result instead. */

export class IntegrationError extends Error {
  override name = "IntegrationError";
}

/** Of a field that is not filled in, or not well. */
export interface ValidationError {
  type: "validation_error";
  code: string;
  message: string;
  [more: string]: unknown;
}
