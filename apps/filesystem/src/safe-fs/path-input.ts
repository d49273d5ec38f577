import { homeDirectory, platform as systemPlatform } from "../environment.ts";
import { outside, quoted, refusal } from "./refusal.ts";

/** A path as the caller means it, before any disk access; `.` and `..` are gone, names are untouched. */
export interface RequestedPath {
  /** False: below the first allowed directory. */
  readonly absolute: boolean;
  /** Names from the base down; an absolute Windows path starts with its drive (`C:`). */
  readonly segments: readonly string[];
}

const maxPathBytes = 4096;
const maxSegmentBytes = 255;
const driveForm = /^[A-Za-z]:[\\/]/;
const windowsDevice = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/**
 * Parses a tool's path argument.
 *
 * @param text Absolute, `~/…`, or relative to the first allowed directory; nothing is trimmed, unquoted or decoded.
 * @throws {FailureError} `INVALID_INPUT` for what can be no path here, `ACCESS_DENIED` when a relative path climbs
 *   above its directory.
 */
export function parsePath(text: string, platform: NodeJS.Platform = systemPlatform): RequestedPath {
  const windows = platform === "win32";
  assertPathText(text, windows);
  const expanded = expandHome(text, windows);
  const absolute = windows ? driveForm.test(expanded) : expanded.startsWith("/");
  // The parent of "/" is "/", and a drive is its own floor; a relative path has none: above it is outside.
  const floor = absolute && windows ? 1 : 0;
  const segments: string[] = [];
  for (const part of expanded.split(windows ? /[\\/]/ : "/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") {
      assertSegment(part, text, windows && segments.length >= floor);
      segments.push(part);
    } else if (segments.length > floor) segments.pop();
    else if (!absolute) throw outside(text);
  }
  return { absolute, segments };
}

/** Replaces a leading `~` that stands alone or before a separator; `~name` is an ordinary name. */
export function expandHome(text: string, windows: boolean = systemPlatform === "win32"): string {
  return (windows ? /^~(?:$|[\\/])/ : /^~(?:$|\/)/).test(text) ? homeDirectory() + text.slice(1) : text;
}

function assertPathText(text: string, windows: boolean): void {
  if (text === "") throw invalid("The path is empty.", 'Use "." for the first allowed directory.');
  if (text.includes("\0")) throw invalid("The path holds a NUL character.", "Remove it.");
  if (!text.isWellFormed()) throw invalid("The path holds half of a surrogate pair.", "Use valid Unicode.");
  if (Buffer.byteLength(text) > maxPathBytes) {
    throw invalid(`The path is longer than ${maxPathBytes} bytes.`, "Use a shorter path.");
  }
  const network = text.startsWith("\\\\") || (windows && text.startsWith("//"));
  if (network || (!windows && driveForm.test(text))) {
    const form = windows ? "a network path" : "a Windows path, and this server does not run on Windows";
    throw invalid(`${quoted(text)} is ${form}.`, "Call list_allowed_directories for paths this server knows.");
  }
  if (windows && /^[\\/]/.test(text)) throw outside(text);
}

function assertSegment(name: string, text: string, windowsRules: boolean): void {
  if (Buffer.byteLength(name) > maxSegmentBytes) {
    throw invalid(`A name in ${quoted(text)} is longer than ${maxSegmentBytes} bytes.`, "Use a shorter name.");
  }
  if (!windowsRules) return;
  if (windowsDevice.test(name)) throw invalid(`${quoted(name)} is a device name on Windows.`, "Use another name.");
  if (name.includes(":")) throw invalid(`${quoted(name)} names a stream of a file.`, "Use the name before the colon.");
  if (/[. ]$/.test(name)) throw invalid(`${quoted(name)} ends with a dot or a space.`, "Use another name.");
}

function invalid(sentence: string, next: string): Error {
  return refusal("INVALID_INPUT", sentence, next);
}
