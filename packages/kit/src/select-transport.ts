import { KitError } from "./errors.ts";
import { type Environment, variable } from "./options/environment.ts";
import type { KitOptions } from "./options/kit-options.ts";
import type { OptionOrigin } from "./options/origin.ts";
import { quote } from "./options/quote.ts";

/** What descriptor 0 is; `other` is a file, `/dev/null` or nothing. */
export type StdinKind = "pipe" | "socket" | "terminal" | "other";

/** Everything that decides the transport; nothing else is consulted. */
export interface TransportInput {
  readonly kit: KitOptions;
  /** From `parseOptions`. */
  readonly sources: ReadonlyMap<string, OptionOrigin>;
  /** Only `PORT` is read here. */
  readonly env: Environment;
  readonly stdin: StdinKind;
}

/** Where HTTP listens. */
export type ListenAddress =
  | { readonly kind: "socket"; readonly path: string }
  /** `source` names what set the port: `--port`, `PORT`, `default`, … */
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly source: string };

/** The decision, with the rule that made it. */
export type TransportSelection =
  | { readonly transport: "stdio"; readonly because: string; readonly warnings: readonly string[] }
  | {
      readonly transport: "http" | "sse";
      readonly because: string;
      readonly address: ListenAddress;
      readonly warnings: readonly string[];
    };

/** Flags that make sense only where something listens. */
const listenerFlags = ["port", "host", "socket"] as const;
/** Refused beside an explicit stdio; nothing listens there that could ask for a token. */
const httpOnlyFlags = [...listenerFlags, "auth"] as const;

/**
 * Decides how to serve, by the table of `docs/transports.md`; the first rule that applies wins.
 *
 * Pure: only the options, `PORT` and the kind of stdin count.
 *
 * @throws {KitError} `ERR_TRANSPORT_UNDECIDED` when nothing says what to do, `ERR_OPTION_CONFLICT` for flags that
 * exclude each other, `ERR_OPTION_INVALID` for a `PORT` that is needed and no port.
 */
export function selectTransport(input: TransportInput): TransportSelection {
  const { kit, sources, stdin } = input;
  const asked = sources.get("transport");
  if (kit.transport !== "auto") return explicit(input, kit.transport, asked);
  const flag = listenerFlags.find((key) => sources.get(key)?.kind === "flag");
  if (flag) return http(input, "http", originName(sources.get(flag)));
  if (stdin === "pipe" || stdin === "socket") return stdio(input, `stdin is a ${stdin}`);
  if (variable(input.env, "PORT") !== undefined) return http(input, "http", "PORT");
  if (stdin === "terminal" && kit.interactive) return http(input, "http", "stdin is a terminal");
  throw new KitError(
    "ERR_TRANSPORT_UNDECIDED",
    `Cannot tell how to serve: ${
      stdin === "terminal" ? "--no-interactive is set" : "stdin is neither a pipe nor a terminal"
    }; give --transport stdio or --transport http.`,
  );
}

function explicit(
  input: TransportInput,
  transport: "stdio" | "http" | "sse",
  asked: OptionOrigin | undefined,
): TransportSelection {
  const because = asked?.kind === "file" ? "config file" : originName(asked);
  if (transport !== "stdio") return http(input, transport, because);
  const clash = httpOnlyFlags.find((key) => input.sources.get(key)?.kind === "flag");
  if (clash && asked?.kind === "flag") {
    const name = asked.name === "--transport" ? "--transport stdio" : asked.name;
    throw new KitError(
      "ERR_OPTION_CONFLICT",
      `${originName(input.sources.get(clash))} has no meaning with ${name}; remove one of them.`,
    );
  }
  return stdio(input, because);
}

function stdio({ sources }: TransportInput, because: string): TransportSelection {
  const idle = httpOnlyFlags.filter((key) => sources.get(key)?.kind === "flag");
  const warnings = idle.map((key) => `${originName(sources.get(key))} has no effect: ${because} chose stdio.`);
  return { transport: "stdio", because, warnings };
}

function http(input: TransportInput, transport: "http" | "sse", because: string): TransportSelection {
  return { transport, because, address: listenAddress(input), warnings: [] };
}

function listenAddress({ kit, sources, env }: TransportInput): ListenAddress {
  const socketRank = rank(sources.get("socket"));
  const rival = rank(sources.get("port")) >= rank(sources.get("host")) ? "port" : "host";
  const rivalRank = rank(sources.get(rival));
  if (kit.socket !== undefined && socketRank > rivalRank) return { kind: "socket", path: kit.socket };
  if (kit.socket !== undefined && socketRank === rivalRank) {
    const names = `${originName(sources.get("socket"))} and ${originName(sources.get(rival))}`;
    throw new KitError("ERR_OPTION_CONFLICT", `${names} exclude each other; keep one of them.`);
  }
  return { kind: "tcp", host: kit.host, ...portOf(kit.port, sources.get("port"), env) };
}

/** `PORT` is an environment variable like any other: below `BOTHWAYS_PORT`, above a config file. */
function portOf(port: number, origin: OptionOrigin | undefined, env: Environment): { port: number; source: string } {
  const text = variable(env, "PORT");
  if (text === undefined || rank(origin) >= ranks.environment) return { port, source: originName(origin) };
  if (/^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535) return { port: Number(text), source: "PORT" };
  throw new KitError("ERR_OPTION_INVALID", `PORT: expected a whole number from 0 to 65535; got ${quote(text)}.`);
}

const ranks: Readonly<Record<OptionOrigin["kind"], number>> = { default: 0, file: 1, environment: 2, flag: 3 };

function rank(origin: OptionOrigin | undefined): number {
  return ranks[origin?.kind ?? "default"];
}

function originName(origin: OptionOrigin | undefined): string {
  return origin?.name ?? "default";
}
