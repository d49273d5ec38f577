const longest = 100;

/**
 * Puts a value of the operator into a message: quoted, on one line, at most 100 characters.
 *
 * Control characters are escaped, because a message goes to a terminal or a line-oriented log; what stands before `@`
 * in a URL is left out, because it may be a password.
 */
export function quote(value: unknown): string {
  const plain = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  const text = plain.replace(/:\/\/[^\s/]*@/g, "://***@");
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return typeof value === "string" ? escapeAll(JSON.stringify(cut)) : escapeAll(cut);
}

/** A name as it was typed, quoted only when it holds anything that a name does not. */
export function quoteName(name: string): string {
  return /^[\w./:@~+-]{1,100}$/.test(name) ? name : quote(name);
}

function escapeAll(text: string): string {
  // C1 controls, line separators and direction marks pass through JSON.stringify but not through terminals unharmed.
  return text.replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
