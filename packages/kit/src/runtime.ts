import { Calls } from "./calls.ts";
import type { CompiledTool } from "./compile-tools.ts";
import { compileTool } from "./compile-tools.ts";
import { type Access, accessOf, type ServerDefinition } from "./define-server.ts";
import type { Principal } from "./define-tool.ts";
import { stackOf } from "./error-text.ts";
import { Hub } from "./hub.ts";
import type { Logger } from "./observe/logger.ts";
import { createRedactor } from "./observe/redact.ts";
import { secretValues } from "./options/option.ts";
import { createRequestStates, type RequestStates } from "./request-state.ts";

/** Where a runtime is in its life. */
export type Phase = "starting" | "ready" | "draining" | "closed";

/** What one running server shares between all its connections. */
export interface RuntimeConfig {
  /** Values of the definition's own options. */
  readonly options: Record<string, unknown>;
  readonly log: Logger;
  /** True when tools beyond `read` must not be registered. */
  readonly readOnly: boolean;
  readonly validateOutput: boolean;
  /** HMAC key of `requestState`; random when unset. */
  readonly stateKey?: string;
  /** Who the local caller is, where nobody is authenticated. @default the operator, who may do everything */
  readonly local?: Principal;
}

/** A definition in action: its tools, its resources (opened once, disposed once), its calls and its listeners. */
export class Runtime {
  readonly definition: ServerDefinition;
  readonly config: RuntimeConfig;
  readonly tools: ReadonlyMap<string, CompiledTool>;
  readonly calls: Calls = new Calls();
  readonly hub: Hub = new Hub();
  readonly callParts: {
    readonly notify: Hub;
    readonly log: Logger;
    readonly clientLogging: boolean;
    readonly states: RequestStates;
  };
  readonly access: Access;
  /** Takes the values of secret options out of a text that somebody may read. */
  readonly redact: (text: string) => string;
  phase: Phase = "starting";
  #opening: Promise<AsyncDisposable> | undefined;
  #openFailed = false;

  constructor(definition: ServerDefinition, config: RuntimeConfig) {
    this.definition = definition;
    this.config = config;
    this.access = accessOf(definition, config.options);
    this.redact = createRedactor(secretValues(definition.options.shape, config.options));
    const selected = definition.selectTools?.(config.options, definition.tools) ?? definition.tools;
    const permitted = config.readOnly ? selected.filter((tool) => tool.access === "read") : selected;
    this.tools = new Map(permitted.map((tool) => [tool.name, compileTool(tool)]));
    this.callParts = {
      notify: this.hub,
      log: config.log,
      clientLogging: definition.clientLogging ?? false,
      states: createRequestStates(config.stateKey),
    };
  }

  get log(): Logger {
    return this.config.log;
  }

  get validateOutput(): boolean {
    return this.config.validateOutput;
  }

  /** What `/readyz` answers with 200. */
  get isReady(): boolean {
    return this.phase === "ready" && !this.#openFailed;
  }

  /** Opens on first use; concurrent callers share one attempt, a failed one is not remembered. */
  resources(): Promise<unknown> {
    if (this.#opening) return this.#opening;
    const opening = Promise.resolve().then(() => this.#open());
    this.#opening = opening;
    void this.#remember(opening);
    return opening;
  }

  /**
   * Disposes what `open` gave, if it was opened; idempotent. What goes wrong is logged.
   *
   * @param withinMs A disposal that hangs must not keep the process.
   * @returns False when it failed or took longer.
   */
  async dispose(withinMs: number): Promise<boolean> {
    this.phase = "closed";
    const opening = this.#opening;
    this.#opening = undefined;
    const { promise: late, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(() => resolve(`not done after ${withinMs} ms`), withinMs);
    const problem = await Promise.race([disposalOf(opening), late]);
    clearTimeout(timer);
    if (problem !== undefined) this.log.error("the resources were not disposed", { reason: problem });
    return problem === undefined;
  }

  async #remember(opening: Promise<AsyncDisposable>): Promise<void> {
    try {
      await opening;
      this.#openFailed = false;
    } catch {
      // The callers that share this attempt get its reason; the next call tries again.
      this.#openFailed = true;
      this.#opening = undefined;
    }
  }

  async #open(): Promise<AsyncDisposable> {
    if (this.phase === "closed") throw new Error("the server is closed");
    return await this.definition.open(this.config.options, this.config.log, {
      readOnly: this.config.readOnly,
    });
  }
}

async function disposalOf(opening: Promise<AsyncDisposable> | undefined): Promise<string | undefined> {
  // A failed open was reported to the calls that needed it and left nothing to dispose.
  const resources = await opening?.catch(() => undefined);
  try {
    await resources?.[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    return stackOf(error);
  }
}
