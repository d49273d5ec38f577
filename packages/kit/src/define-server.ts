import type { McpServer } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { Command } from "./define-command.ts";
import type { Route } from "./define-route.ts";
import type { Era, Principal, Tool, WireKind } from "./define-tool.ts";
import { KitError } from "./errors.ts";
import type { Notifier } from "./notifier.ts";
import type { Logger } from "./observe/logger.ts";

/** Access levels of a server: a later level in `order` implies the earlier ones; extras are unordered. */
export interface Access {
  readonly order: readonly string[];
  readonly extra: readonly string[];
}

/** Names that depend on the options; written as a method so that definitions of any options fit one type. */
type NamesOf<Options> = { of(options: Options): readonly string[] }["of"];

/** What `setup` may read while it registers resources, prompts and completions. */
export interface SetupContext<Resources, Options> {
  /** Opened on first use: a probing client that only lists tools must not cause side effects. */
  resources(): Promise<Resources>;
  readonly options: Options;
  readonly era: Era;
  readonly transport: WireKind;
  readonly principal?: Principal;
  /** The same object as `ToolContext.connection` for calls on this connection. */
  readonly connection: object;
  readonly notify: Notifier;
  readonly log: Logger;
}

/** What `watch` may use to tell subscribers about a change. */
export interface WatchContext<Resources, Options> {
  readonly resources: Resources;
  readonly options: Options;
  readonly connection: object;
  readonly principal?: Principal;
  /** Call it when the resource changed; tells the connection that subscribed. */
  updated(): void;
}

/** What the kit decided that matters to a server's resources. */
export interface OpenMode {
  /** True with `--read-only`: nothing may be opened for writing. */
  readonly readOnly: boolean;
}

/** Options schema: a zod object whose fields were made with `option()`. */
export type OptionsSchema = z.ZodObject;

/** A server as its author writes it. */
export interface ServerDefinition<Schema extends OptionsSchema = OptionsSchema, Resources = unknown> {
  /** Name on the wire and of the bin, for example `bothways-sqlite`. */
  readonly name: string;
  /** Prefix of environment variables (`BOTHWAYS_<SHORT>_`) and scopes (`<short>:read`). */
  readonly short: string;
  readonly version: string;
  readonly title: string;
  /** What a model should know before it uses the tools. */
  readonly instructions: string;
  /** @default order read, write, destructive; no extras */
  readonly access?: {
    readonly order?: readonly string[];
    readonly extra?: readonly string[] | NamesOf<z.output<Schema>>;
  };
  /** Names of verified claims that tools may see as `principal.claims`. @default none */
  readonly claims?: readonly string[] | NamesOf<z.output<Schema>>;
  readonly options: Schema;
  /**
   * Acquires what the tools work on, once per process; disposed once, after the last call.
   * Lazily on stdio (first request that needs it), at start over HTTP. A rejection is retried on the next call.
   */
  open(
    options: z.output<Schema>,
    log: Logger,
    mode: OpenMode,
  ): Promise<Resources & AsyncDisposable> | (Resources & AsyncDisposable);
  readonly tools: readonly Tool<Resources>[];
  /** HTTP endpoints beside the MCP endpoint. */
  readonly routes?: readonly Route<Resources>[];
  /** What the bin's first argument may name instead of serving. */
  readonly commands?: Readonly<Record<string, Command>>;
  /** Decides once per process which tools exist for these options. @default all */
  selectTools?(options: z.output<Schema>, tools: readonly Tool<Resources>[]): readonly Tool<Resources>[];
  /** True when tools beyond `read` exist over HTTP only with authentication. @default false */
  readonly writeNeedsAuth?: boolean;
  /** Registers resources, prompts and completions by the SDK's API; once per connection or request. */
  setup?(mcp: McpServer, context: SetupContext<Resources, z.output<Schema>>): void;
  /**
   * Declares `resources.subscribe`. Called for each uri a connection subscribes to; the result is disposed when it
   * unsubscribes or ends. Throw a `FailureError` to refuse.
   */
  watch?(uri: string, context: WatchContext<Resources, z.output<Schema>>): Promise<Disposable> | Disposable;
  /** Checks that need the transport: called before anything opens. Throw a `KitError` to refuse the start. */
  check?(options: z.output<Schema>, transport: "stdio" | "http", log: Logger): void | Promise<void>;
  /** True when `ctx.log` also reaches the client as `notifications/message`, at the level it asked for. @default false */
  readonly clientLogging?: boolean;
  readonly defaultPort: number;
  /** Longest stdio line in bytes for these options. @default 16777216 */
  maxLineBytes?(options: z.output<Schema>): number;
  /** Largest HTTP body in bytes unless `--max-body` says otherwise. @default 1048576 */
  readonly maxBody?: number;
}

const defaultOrder = ["read", "write", "destructive"];
const toolName = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * Declares a server; checks the declaration and returns it unchanged.
 *
 * @throws {KitError} `ERR_DEFINITION_INVALID` for a bad or repeated tool name or an undeclared access level.
 */
export function defineServer<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
): ServerDefinition<Schema, Resources> {
  const { order = defaultOrder, extra = [] } = definition.access ?? {};
  const names = new Set<string>();
  for (const tool of definition.tools) {
    if (!toolName.test(tool.name)) throw invalid(`tool name "${tool.name}" must match ${toolName.source}`);
    if (names.has(tool.name)) throw invalid(`tool name "${tool.name}" is used twice`);
    // Extras that depend on options are known only at run time.
    if (typeof extra !== "function" && !order.includes(tool.access) && !extra.includes(tool.access)) {
      throw invalid(`tool "${tool.name}" needs access "${tool.access}", which access.order does not list`);
    }
    names.add(tool.name);
  }
  return definition;
}

/** The access levels of a definition with the defaults filled in. */
export function accessOf(
  { access = {} }: Pick<ServerDefinition, "access">,
  options: Record<string, unknown> = {},
): Access {
  const { order = defaultOrder, extra = [] } = access;
  return { order, extra: typeof extra === "function" ? extra(options) : extra };
}

/** Whether granted levels cover a needed one: a later level in `order` implies the earlier ones, extras stand alone. */
export function hasAccess({ order }: Access, granted: readonly string[], needed: string): boolean {
  if (granted.includes(needed)) return true;
  const rank = order.indexOf(needed);
  return rank !== -1 && granted.some((level) => order.indexOf(level) > rank);
}

function invalid(fact: string): KitError {
  return new KitError("ERR_DEFINITION_INVALID", `Invalid server definition: ${fact}.`);
}
