import type { KitOptions } from "./options/kit-options.ts";
import type { TransportSelection } from "./select-transport.ts";
import type { Running } from "./serve.ts";

/**
 * What a start says on standard error: one line with the transport and why, plus what a person at a terminal or a user
 * of a deprecated transport should know.
 */
export function startLines(
  server: { readonly name: string; readonly version: string },
  selection: TransportSelection,
  running: Pick<Running, "url">,
  kit: Pick<KitOptions, "logFormat">,
): string {
  const { transport, because } = selection;
  const url = running.url === undefined ? {} : { url: running.url };
  if (kit.logFormat === "json") {
    const fields = { event: "start", name: server.name, version: server.version, transport, ...url, because };
    return `${JSON.stringify({ ts: new Date().toISOString(), level: "info", ...fields })}\n`;
  }
  const place = running.url === undefined ? "" : ` url=${running.url}`;
  const lines = [`${server.name} ${server.version} transport=${transport}${place} because=${because}`];
  if (transport === "sse")
    lines.push("HTTP+SSE is deprecated since 2025-03-26: point clients that can at the url above.");
  if (because === "stdin is a terminal" && running.url !== undefined) lines.push(hostSnippet(server.name, running.url));
  return `${lines.join("\n")}\n`;
}

function hostSnippet(name: string, url: string): string {
  const config = JSON.stringify({ mcpServers: { [name]: { type: "http", url } } }, null, 2);
  return `Connect a host with:\n${config}\nStop with Ctrl-C. For stdio, let the host start this command.`;
}
