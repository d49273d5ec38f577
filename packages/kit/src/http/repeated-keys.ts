import { afterString } from "../json-scan.ts";

const quote = 0x22;
const colon = 0x3a;
/** `{` and `[`, `}` and `]` differ in one bit. */
const bracket = 0x20;
const [opening, closing] = [0x7b, 0x7d];
/** The message, its `params`, and their `_meta` and `arguments`: all that headers are compared with. */
const depths = 3;

/**
 * Whether a message says one thing twice: of two equal keys a parser keeps one, and whoever looked at the request on
 * its way may have kept the other (a header that agrees with one of them agrees with nothing).
 *
 * @param bytes JSON, already parsed to `message`.
 */
export function repeatsKey(bytes: Uint8Array, message: unknown): boolean {
  const kept = Array.from({ length: depths + 1 }, () => 0);
  countKeys(message, 1, kept);
  return keysInText(bytes).some((count, depth) => count !== kept[depth]);
}

function countKeys(value: unknown, depth: number, counts: number[]): void {
  if (typeof value !== "object" || value === null || depth > depths) return;
  const children: readonly unknown[] = Object.values(value);
  if (!Array.isArray(value)) counts[depth] = (counts[depth] ?? 0) + children.length;
  for (const child of children) countKeys(child, depth + 1, counts);
}

function keysInText(bytes: Uint8Array): number[] {
  const counts = Array.from({ length: depths + 1 }, () => 0);
  const end = bytes.length;
  let depth = 0;
  let at = 0;
  while (at < end) {
    // `at` is below the length.
    const byte = bytes[at] ?? 0;
    at += 1;
    if (byte === quote) at = afterString(bytes, at, end);
    else if (byte === colon && depth <= depths) counts[depth] = (counts[depth] ?? 0) + 1;
    else if ((byte | bracket) === opening) depth += 1;
    else if ((byte | bracket) === closing) depth -= 1;
  }
  return counts;
}
