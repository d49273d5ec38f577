/** A server as the screen shows it. */
export interface Shown {
  readonly name: string;
  readonly url: string;
  readonly moved: boolean;
  readonly stdioArgs: readonly string[];
}

/** The one screen of the main job: what runs where, and how to connect a host; at most 40 lines of 100 columns. */
export function screen(servers: readonly Shown[]): string {
  const rows = servers.map(({ name, url, moved }) => {
    const page = new URL("/healthz", url).href;
    return `  ${name.padEnd(12)}${url.padEnd(34)}health ${page}${moved ? "  (its own port is taken)" : ""}`;
  });
  return [
    `Bothways serves ${servers.length} MCP server${servers.length === 1 ? "" : "s"} on this machine, with demo data.`,
    "Every client works: 2026-07-28 and 2025 at /mcp, older ones at /sse.",
    "",
    ...rows,
    "",
    "Connect a host over HTTP:",
    `  ${JSON.stringify({ mcpServers: Object.fromEntries(servers.map(({ name, url }) => [name, { type: "http", url }])) })}`,
    "",
    "Or let the host start a server of its own, over stdio:",
    ...servers.map(({ name, stdioArgs }) => {
      const entry = { command: "npx", args: ["-y", `@bothways/server-${name}`, ...stdioArgs] };
      return `  ${JSON.stringify({ mcpServers: { [name]: entry } })}`;
    }),
    "",
  ].join("\n");
}
