import { type Success, success } from "@bothways/kit";

type Mutable<Value> = Value extends object ? { -readonly [Key in keyof Value]: Mutable<Value[Key]> } : Value;

/** `success` for an engine's answer: zod's types are mutable, an answer on its way out is changed by nobody. */
export function answered<Data>(data: Data, ...more: TextAndContent): Success<Mutable<Data>> {
  return success(data as Mutable<Data>, ...more); // Only the readonly marks differ.
}

type TextAndContent = Parameters<typeof success> extends [unknown, ...infer More] ? More : never;
