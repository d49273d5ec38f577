/** A 64-bit integer as JSON: a decimal text where a number would lose digits. */
export function jsonInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
