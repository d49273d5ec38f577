// What a maintainer has exported for his own servers must not decide what is measured.
const {
  NODE_OPTIONS: _options,
  NODE_COMPILE_CACHE: _cache,
  PORT: _port,
  MCP_TRANSPORT: _transport,
  ...rest
} = process.env;
const inherited = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith("BOTHWAYS_")));

/** Environment of a measured process: ours without variables that servers react to, plus `extra`. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...inherited, ...extra };
}
