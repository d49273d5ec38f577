import { listen, type Serve } from "./listen.ts";

// The floor: reads the body, parses JSON, answers. No checks, no protocol library.
const serve: Serve = (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const [status, answer] = answerTo(Buffer.concat(chunks).toString());
    const body = JSON.stringify(answer);
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
};

function answerTo(text: string): [number, object] {
  try {
    const message = JSON.parse(text);
    const { text: echoed } = message.params.arguments;
    const result = { content: [{ type: "text", text: echoed }], structuredContent: { text: echoed } };
    return [200, { jsonrpc: "2.0", id: message.id, result }];
  } catch {
    return [400, { jsonrpc: "2.0", id: null, error: { code: -32700, message: "Parse error" } }];
  }
}

process.stderr.write(`${await listen(serve)}\n`);
