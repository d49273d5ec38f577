/**
 * Text of at most `maxBytes` bytes as JSON carries it: a control character takes six there, so that a limit on
 * characters would let a hostile text through at several times its size.
 */
export function cutText(text: string, maxBytes: number): string {
  if (text.length * 6 <= maxBytes) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(JSON.stringify(character)) - 2;
    if (bytes > maxBytes) return `${text.slice(0, end)}…`;
    end += character.length;
  }
  return text;
}
