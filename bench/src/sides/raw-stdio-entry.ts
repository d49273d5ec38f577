// The floor: splits lines, parses JSON, answers. No checks, no protocol library.
let pending = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk: string) => {
  pending += chunk;
  const lines = pending.split("\n");
  pending = lines.pop() ?? "";
  for (const line of lines) {
    const message = JSON.parse(line);
    if (message.id === undefined) continue;
    const result =
      message.method === "initialize"
        ? { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "raw", version: "1.0.0" } }
        : echo(message.params.arguments.text);
    process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: message.id, result })}\n`);
  }
});
process.stdin.on("end", () => process.exit(0));

function echo(text: string): object {
  return { content: [{ type: "text", text }], structuredContent: { text } };
}
