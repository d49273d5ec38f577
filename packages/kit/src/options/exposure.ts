import { KitError } from "../errors.ts";

/** What decides whether a listener may start. */
export interface ExposureInput {
  /** As the operator gave it; only the message uses it. */
  readonly host: string;
  /** Every address the host resolves to; all of them must be loopback. */
  readonly addresses: readonly string[];
  /** Authentication mode; anything but `none` proves who calls. */
  readonly auth: string;
  readonly allowUnauthenticated: boolean;
  /** Canonical endpoint URL, when one is set. */
  readonly publicUrl?: string | undefined;
}

/**
 * Refuses to serve strangers without authentication (`remote.md` section 1).
 *
 * @throws {KitError} `ERR_EXPOSURE_REFUSED` when an address is not loopback and nobody is authenticated, or when the
 * public URL carries a user, a query or a fragment.
 */
export function checkExposure(input: ExposureInput): void {
  assertPublicUrl(input.publicUrl);
  const isLocal = input.addresses.length > 0 && input.addresses.every(isLoopback);
  if (isLocal || input.auth !== "none" || input.allowUnauthenticated) return;
  throw new KitError(
    "ERR_EXPOSURE_REFUSED",
    `Refusing to listen on ${input.host} without authentication: set --auth, or use --host 127.0.0.1; ` +
      "--allow-unauthenticated serves everyone who can reach it.",
  );
}

/** True for 127.0.0.0/8, ::1 and IPv4-mapped loopback, in any spelling of RFC 4291 section 2.2. */
function isLoopback(address: string): boolean {
  if (/^127(\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}$/.test(address)) return true;
  if (!address.includes(":")) return false;
  // The URL parser brings every spelling of an IPv6 address into one form.
  const canonical = URL.parse(`http://[${address.replace(/%[\w.-]+$/, "")}]`)?.hostname;
  return canonical === "[::1]" || /^\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\]$/.test(canonical ?? "");
}

function assertPublicUrl(publicUrl: string | undefined): void {
  const url = publicUrl === undefined ? undefined : URL.parse(publicUrl);
  if (!url) return;
  const hasExtra = url.username !== "" || url.password !== "" || /[?#]/.test(url.href);
  if (!hasExtra) return;
  throw new KitError("ERR_EXPOSURE_REFUSED", "--public-url must not hold a user, a query or a fragment; remove it.");
}
