import { type Access, accessOf, type ServerDefinition } from "./define-server.ts";
import type { Principal } from "./define-tool.ts";
import { KitError } from "./errors.ts";

const maxClaimBytes = 8192;

type Claim = string | number | boolean | readonly (string | number | boolean)[];

/**
 * The person that the local operator plays with `--claims` (stdio, or HTTP without authentication).
 *
 * Only claims whose names the definition lists are kept. `sub` is the subject; `scope`, as in a token, limits the
 * access levels, which otherwise are all of them.
 *
 * @throws {KitError} `ERR_OPTION_INVALID` for claims that are no JSON object of plain values of at most 8 KiB.
 */
export function localPrincipal(
  definition: Pick<ServerDefinition, "access" | "claims" | "short">,
  options: Record<string, unknown>,
  text: string,
): Principal {
  const given = parseClaims(text);
  const names = typeof definition.claims === "function" ? definition.claims(options) : (definition.claims ?? []);
  const claims = Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
  const subject = typeof given["sub"] === "string" ? given["sub"] : "local";
  return Object.freeze({
    id: `local:${subject}`,
    subject,
    issuer: "local",
    clientId: "local",
    access: grantedLevels(accessOf(definition, options), definition.short, given["scope"]),
    claims: Object.freeze(claims),
  });
}

function parseClaims(text: string): Readonly<Record<string, Claim>> {
  if (Buffer.byteLength(text) > maxClaimBytes) throw invalid(`is longer than ${maxClaimBytes} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid("is not valid JSON", { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("is not a JSON object");
  for (const [name, claim] of Object.entries(value)) {
    if (!isClaim(claim))
      throw invalid(`has a value for ${JSON.stringify(name.slice(0, 64))} that is neither plain nor a list`);
  }
  // Every value was just checked.
  return value as Readonly<Record<string, Claim>>;
}

function isClaim(value: unknown): value is Claim {
  return Array.isArray(value) ? value.every(isPlain) : isPlain(value);
}

function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function grantedLevels({ order, extra }: Access, short: string, scope: Claim | undefined): readonly string[] {
  const all = [...order, ...extra];
  if (typeof scope !== "string") return all;
  const scopes = scope.split(" ");
  return all.filter((level) => scopes.includes(`${short}:${level}`));
}

function invalid(fact: string, options?: ErrorOptions): KitError {
  return new KitError("ERR_OPTION_INVALID", `--claims ${fact}. Give a JSON object such as '{"sub":"ada"}'.`, options);
}
