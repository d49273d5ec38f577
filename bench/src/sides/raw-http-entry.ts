import { listen, type Serve } from "./listen.ts";

// The floor: reads the body, parses JSON, answers. No checks, no protocol library.
const serve: Serve = (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const message = JSON.parse(Buffer.concat(chunks).toString());
    const text: string = message.params.arguments.text;
    const result = { content: [{ type: "text", text }], structuredContent: { text } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: message.id, result });
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
};

process.stderr.write(`${await listen(serve)}\n`);
