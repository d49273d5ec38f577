import { isInputRequiredResult, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { type CallSite, callTool } from "./call-tool.ts";
import type { Runtime } from "./runtime.ts";

/**
 * Puts the runtime's tools on an SDK server.
 *
 * Only tools with `x-mcp-header` parameters are registered with `McpServer` (its HTTP entry checks those headers);
 * all are listed and called by our handlers, whose registry is a `Map` and whose schemas were converted once.
 */
export function registerTools(runtime: Runtime, site: CallSite): void {
  const { mcp } = site;
  for (const { tool, input, hasHeaderParameters } of runtime.tools.values()) {
    if (hasHeaderParameters) mcp.registerTool(tool.name, { inputSchema: input }, () => ({ content: [] }));
  }
  const tools = Array.from(runtime.tools.values(), (compiled) => compiled.listed);
  mcp.server.setRequestHandler("tools/list", (request) => {
    if (request.params?.cursor !== undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Unknown cursor. Call tools/list without one.");
    }
    return { tools };
  });
  mcp.server.setRequestHandler("tools/call", async (request, sdk) => {
    const result = await callTool(runtime, site, request.params, sdk);
    if (isInputRequiredResult(result)) return result;
    return mcp.server.projectCallToolResult(result, runtime.tools.get(request.params.name)?.outputJson);
  });
}
