/**
 * Creates a function that puts `***` in the place of every secret.
 *
 * @param secrets Longest first or not; empty ones are ignored.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  // A secret may hold another one: replaced in the other order, its rest would stay.
  const longestFirst = secrets.filter((secret) => secret !== "").toSorted((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
}
