import { serve } from "@bothways/kit";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { server } from "./remove-notes.ts";

// #region embed
const running = await serve(server, { transport: "http", port: 0, readOnly: false });
const client = new Client({ name: "embed", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
await client.connect(new StreamableHTTPClientTransport(new URL(running.url ?? "")));

const result = await client.callTool({ name: "remove_notes", arguments: { tag: "nope" } });
console.log(result.isError); // → true

await client.close();
console.log(await running.drain()); // → drained
// #endregion
