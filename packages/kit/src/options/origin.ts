/** Where the value of an option came from; `name` is what a message calls it. */
export type OptionOrigin =
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "file"; readonly name: string }
  | { readonly kind: "default"; readonly name: "default" };

/** A value before it is checked, with its origin: text, or what a JSON file holds. */
export interface Given {
  readonly origin: OptionOrigin;
  readonly value: unknown;
}

/** Values by option key. */
export type GivenValues = ReadonlyMap<string, Given>;
