import { platform } from "../environment.ts";

/** Characters that may stand in a path as they are (`pchar` of RFC 3986, §3.3), encoded. */
const plain = /%(?:21|24|26|27|28|29|2A|2B|2C|3A|3B|3D|40)/g;

/**
 * The `file:` uri of an absolute path.
 *
 * Not by the URL class, which drops control characters at the end of a name.
 */
export function fileUri(path: string, windows: boolean = platform === "win32"): string {
  const names = windows ? ["", ...path.split("\\")] : path.split("/");
  return `file://${names.map((name) => encodeURIComponent(name).replace(plain, decodeURIComponent)).join("/")}`;
}

/**
 * The path a `file:` uri stands for; percent signs are decoded once, and `..` is left for the walk to judge.
 *
 * @returns `undefined` for other schemes and hosts, for a query or fragment, and where decoding would give a
 *   separator or NUL, so that no two readings of one uri exist (RFC 8089).
 */
export function pathOfUri(uri: string, windows: boolean = platform === "win32"): string | undefined {
  const [, path] = /^file:\/\/(?:localhost)?(\/[^?#]*)$/i.exec(uri) ?? [];
  if (path === undefined) return undefined;
  const names = path.split("/").map(decodedName);
  if (names.some((name) => name === undefined || (windows && name.includes("\\")))) return undefined;
  const joined = names.join("/");
  return windows ? joined.slice(1) : joined;
}

function decodedName(text: string): string | undefined {
  try {
    const name = decodeURIComponent(text);
    return name.includes("/") || name.includes("\0") ? undefined : name;
  } catch {
    // A percent sign without two digits, or bytes that are no UTF-8.
    return undefined;
  }
}
