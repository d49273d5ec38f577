import type { OptionsSchema, ServerDefinition } from "./define-server.ts";
import { KitError } from "./errors.ts";
import { localPrincipal } from "./local-principal.ts";
import { createLogger, type Logger } from "./observe/logger.ts";
import { Runtime } from "./runtime.ts";
import type { HttpOptions, ServeOptions } from "./serve-options.ts";

/** For the resources, after everything that was accepted has had its time. */
const maxDisposeMs = 2000;

const silent: Logger = createLogger(() => {}, { level: "error", format: "text" });

/** Builds the runtime of a definition: options parsed, tools selected, nothing opened. */
export async function createRuntime<Schema extends OptionsSchema, Resources>(
  definition: ServerDefinition<Schema, Resources>,
  options: ServeOptions<Schema> & Pick<HttpOptions, "gate">,
  transport: "stdio" | "http",
): Promise<Runtime> {
  const parsed = definition.options.safeParse(options.options ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new KitError("ERR_OPTION_INVALID", `Invalid options: ${issue?.path.join(".")}: ${issue?.message}.`);
  }
  const log = options.log ?? silent;
  await definition.check?.(parsed.data, transport, log);
  const readOnly = (options.readOnly ?? false) || needsAuth(definition, options, transport, log);
  return new Runtime(definition, {
    options: parsed.data,
    log,
    readOnly,
    validateOutput: options.validateOutput ?? false,
    ...(options.stateKey !== undefined && { stateKey: options.stateKey }),
    ...(options.claims !== undefined && { local: localPrincipal(definition, parsed.data, options.claims) }),
  });
}

function needsAuth(
  definition: { readonly writeNeedsAuth?: boolean; readonly tools: readonly { readonly access: string }[] },
  options: Pick<HttpOptions, "gate">,
  transport: "stdio" | "http",
  log: Logger,
): boolean {
  if (transport === "stdio" || !definition.writeNeedsAuth || options.gate) return false;
  if (definition.tools.some((tool) => tool.access !== "read")) {
    log.warn("write tools are not registered: HTTP without authentication serves reads only. Use stdio to write.");
  }
  return true;
}

/** Time for a drain, in milliseconds. */
export function shutdownTimeoutOf({ shutdownTimeoutMs = 10_000 }: Pick<ServeOptions, "shutdownTimeoutMs">): number {
  return shutdownTimeoutMs;
}

/** Disposes once, whoever asks first; everybody learns whether it went well. */
export function disposal(runtime: Runtime, options: Pick<ServeOptions, "shutdownTimeoutMs">): () => Promise<boolean> {
  let disposing: Promise<boolean> | undefined;
  return () => (disposing ??= runtime.dispose(Math.min(shutdownTimeoutOf(options), maxDisposeMs)));
}
