import { type HttpServeOptions, type Running, serve } from "@bothways/kit";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createEchoServer, type EchoResources } from "./fixtures/echo-server.ts";
import { modernCall, post, type RawResponse, sendRaw } from "./fixtures/raw-http.ts";

async function start(options: Partial<HttpServeOptions> = {}) {
  const resources: EchoResources = { opened: 0, calls: 0, aborted: 0 };
  // The helper's callers name HTTP options only, so the echo server's own stay at their defaults.
  const running: Running = await serve(createEchoServer(resources), { transport: "sse", port: 0, ...options } as never);
  const port = Number(new URL(running.url ?? "").port);
  return { port, resources, running, [Symbol.asyncDispose]: () => running.close() };
}

const call = modernCall("tools/call", { name: "echo", arguments: { text: "hi" } });
const hello = post(call.body, call.headers);

function code(response: RawResponse): unknown {
  return JSON.parse(response.body).error?.code;
}

it("serves a plain request and says nothing about itself in headers", async () => {
  await using server = await start();

  const response = await sendRaw(server.port, hello);

  expect(response.status).toBe(200);
  expect(JSON.parse(response.body).result.structuredContent.text).toBe("hi");
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  });
  expect(response.headers.has("server")).toBe(false);
  expect(response.headers.has("x-powered-by")).toBe(false);
  expect(response.headers.has("access-control-allow-origin")).toBe(false);
});

it.each([
  ["evil.example", 403],
  ["127.0.0.1@evil", 400],
  ["][", 400],
  [null, 400],
  ["", 400],
  ["localhost.evil.example", 403],
  ["127.0.0.1:80:80", 400],
  ["LOCALHOST:1", 200],
  ["[::1]:9", 200],
  ["127.0.0.1, evil", 400],
])("K12 answers Host %j with %i", async (host, status) => {
  await using server = await start();

  const response = await sendRaw(server.port, post(call.body, { ...call.headers, Host: host }));

  expect(response.status).toBe(status);
  expect(server.resources.calls).toBe(status === 200 ? 1 : 0);
  expect(response.body).not.toContain("evil");
});

it("K12 refuses a second Host header and a target that disagrees with Host", async () => {
  await using server = await start();
  const twice = String(hello).replace("Host: 127.0.0.1\r\n", "Host: 127.0.0.1\r\nHost: localhost\r\n");
  const absolute = String(hello).replace("POST /mcp", "POST http://evil.example/mcp");

  const responses = await Promise.all([sendRaw(server.port, twice), sendRaw(server.port, absolute)]);

  expect(responses.map(({ status }) => status)).toEqual([400, 400]);
  expect(server.resources.calls).toBe(0);
});

it.each(["https://evil", "null", "http://localhost:1", "https://127.0.0.1", "http://127.0.0.1.evil", ""])(
  "K12 refuses Origin %j and enters no handler",
  async (origin) => {
    await using server = await start();

    const response = await sendRaw(server.port, post(call.body, { ...call.headers, Origin: origin }));

    expect(response.status).toBe(403);
    expect(server.resources.calls).toBe(0);
  },
);

it("accepts its own origin under each loopback name without CORS headers", async () => {
  await using server = await start();
  const origins = ["127.0.0.1", "localhost", "[::1]"].map((name) => `http://${name}:${server.port}`);

  const responses = await Promise.all(
    origins.map((Origin) => sendRaw(server.port, post(call.body, { ...call.headers, Origin }))),
  );

  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(responses.some(({ headers }) => headers.has("access-control-allow-origin"))).toBe(false);
});

it("answers preflights of listed origins exactly, parameter headers included", async () => {
  await using server = await start({ allowedOrigins: ["https://app.example"] });
  const preflight = [
    "OPTIONS /mcp HTTP/1.1",
    "Host: localhost",
    "Origin: https://app.example",
    "Access-Control-Request-Method: POST",
    "Access-Control-Request-Headers: content-type, mcp-param-region, x-other",
    "Connection: close\r\n\r\n",
  ].join("\r\n");

  const response = await sendRaw(server.port, preflight);
  const served = await sendRaw(server.port, post(call.body, { ...call.headers, Origin: "https://app.example" }));

  expect(response.status).toBe(204);
  expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
  expect(response.headers.get("access-control-allow-methods")).toBe("POST, GET, DELETE");
  expect(response.headers.get("access-control-allow-headers")).toContain("mcp-param-region");
  expect(response.headers.get("access-control-allow-headers")).not.toContain("x-other");
  expect(served.status).toBe(200);
  expect(served.headers.get("access-control-expose-headers")).toContain("mcp-session-id");
});

it.each([
  ["/other", 404],
  ["/mcp/", 404],
  ["/%6dcp", 404],
  ["//mcp", 404],
  ["/mcp?x=1", 200],
])("treats the path %s as written", async (path, status) => {
  await using server = await start();

  expect((await sendRaw(server.port, post(call.body, call.headers, path))).status).toBe(status);
});

/** Status and first event of a stream, without the session id. */
async function openStream(port: number, path: string): Promise<readonly [status: number, event: string | undefined]> {
  const stop = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: stop.signal });
  const first = await response.body?.getReader().read();
  stop.abort();
  const [event] = Buffer.from(first?.value ?? [])
    .toString()
    .split("?");
  return [response.status, event];
}

it("serves HTTP+SSE at both pairs of paths with sse, and at none with http", async () => {
  await using sse = await start();
  await using http = await start({ transport: "http" });

  expect(await openStream(sse.port, "/sse")).toEqual([200, "event: endpoint\ndata: /message"]);
  expect(await openStream(sse.port, "/mcp/sse")).toEqual([200, "event: endpoint\ndata: /mcp/message"]);
  expect((await sendRaw(sse.port, post(call.body, {}, "/message"))).status).toBe(400);
  expect((await openStream(http.port, "/sse"))[0]).toBe(404);
  expect((await sendRaw(http.port, post(call.body, {}, "/message"))).status).toBe(404);
});

it("refuses an id over 256 bytes instead of repeating it", async () => {
  await using server = await start();
  const long = modernCall("tools/list", {}, "x".repeat(257));
  const fits = modernCall("tools/list", {}, "x".repeat(256));

  const refused = await sendRaw(server.port, post(long.body, long.headers));

  expect([refused.status, code(refused)]).toEqual([400, -32600]);
  expect(refused.body).not.toContain("xxx");
  expect((await sendRaw(server.port, post(fits.body, fits.headers))).status).toBe(200);
});

it("names the methods of an endpoint when another is used", async () => {
  await using server = await start();

  const response = await sendRaw(server.port, "PUT /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST, GET, DELETE");
});

const modernRequest = (method: string) =>
  `${method} /mcp HTTP/1.1\r\nHost: localhost\r\nMCP-Protocol-Version: 2026-07-28\r\nConnection: close\r\n\r\n`;

it("answers GET and DELETE of a 2026-07-28 client with 405 and Allow: POST", async () => {
  await using server = await start();
  const responses = await Promise.all([
    sendRaw(server.port, modernRequest("GET")),
    sendRaw(server.port, modernRequest("DELETE")),
  ]);

  expect(responses.map(({ status, headers }) => [status, headers.get("allow")])).toEqual([
    [405, "POST"],
    [405, "POST"],
  ]);
});

it.each([
  ["text/plain", 415],
  [null, 415],
  ["application/json, application/json", 415],
  ["application/jsonx", 415],
  ["Application/JSON; charset=utf-8", 200],
  ['application/json; a="b;c"', 200],
])("answers Content-Type %j with %i", async (type, status) => {
  await using server = await start();

  expect((await sendRaw(server.port, post(call.body, { ...call.headers, "Content-Type": type }))).status).toBe(status);
});

it("refuses encoded bodies", async () => {
  await using server = await start();
  const send = (encoding: string) =>
    sendRaw(server.port, post(call.body, { ...call.headers, "Content-Encoding": encoding }));

  expect((await send("gzip")).status).toBe(415);
  expect((await send("identity")).status).toBe(200);
});

it("gives a readable 413 for a declared and for an undeclared body over the limit", async () => {
  await using server = await start({ maxBody: 100_000 });
  const large = Buffer.alloc(5_000_000, 0x20);
  const chunk = Buffer.concat([
    Buffer.from(`${(65_536).toString(16)}\r\n`),
    Buffer.alloc(65_536, 0x20),
    Buffer.from("\r\n"),
  ]);
  const head = post("", { ...call.headers, "Content-Length": null, "Transfer-Encoding": "chunked" });

  const declared = await sendRaw(server.port, post(large, call.headers));
  const undeclared = await sendRaw(server.port, Buffer.concat([head, ...Array.from({ length: 40 }, () => chunk)]));

  for (const response of [declared, undeclared]) {
    expect(response.status).toBe(413);
    expect(response.body).toContain("--max-body");
    expect(response.headers.get("connection")).toBe("close");
  }
});

it("K13 refuses deep and wide JSON before it is parsed", async () => {
  await using server = await start();
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 1])));

  const responses = await Promise.all([sendRaw(server.port, post(deep)), sendRaw(server.port, post(wide))]);

  expect(responses.map((response) => [response.status, code(response)])).toEqual([
    [400, -32600],
    [400, -32600],
  ]);
});

it("K13 keeps the answer to a hostile argument object small and free of its values", async () => {
  await using server = await start();
  const extra = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key${index}`, "hunter2"]));
  const hostile = modernCall("tools/call", { name: "echo", arguments: { text: 1, ...extra } });

  const response = await sendRaw(server.port, post(hostile.body, hostile.headers));

  expect(response.status).toBe(200);
  expect(Buffer.byteLength(response.body)).toBeLessThan(4096);
  expect(response.body).not.toContain("hunter2");
});

it("refuses a body that is not UTF-8 instead of serving other characters", async () => {
  await using server = await start();
  const body = Buffer.from(call.body.replace("hi", "h\u00e9"), "latin1");

  const response = await sendRaw(server.port, post(body, call.headers));

  expect([response.status, code(response)]).toEqual([400, -32700]);
  expect(server.resources.calls).toBe(0);
});

it("invites a body with 100 Continue once its headers are judged, and meets no other expectation", async () => {
  await using server = await start();

  const invited = await sendRaw(server.port, post(call.body, { ...call.headers, Expect: "100-continue" }));
  const judged = await sendRaw(
    server.port,
    post(call.body, { ...call.headers, Expect: "100-continue", Host: "evil.example" }),
  );
  const other = await sendRaw(server.port, post(call.body, { ...call.headers, Expect: "a-miracle" }));

  expect(invited.status).toBe(100);
  expect(invited.body).toContain("HTTP/1.1 200");
  expect(judged.status).toBe(403);
  expect([other.status, code(other)]).toEqual([417, -32600]);
});

it("answers broken JSON with a parse error", async () => {
  await using server = await start();

  const response = await sendRaw(server.port, post('{"jsonrpc":'));

  expect([response.status, code(response)]).toEqual([400, -32700]);
});

it("answers oversized headers with 431 and nonsense with 400", async () => {
  await using server = await start();
  const fat = `GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(20_000)}\r\n\r\n`;

  const responses = await Promise.all([sendRaw(server.port, fat), sendRaw(server.port, "NONSENSE\r\n\r\n")]);

  expect(responses.map(({ status }) => status)).toEqual([431, 400]);
  for (const response of responses) {
    expect(code(response)).toBe(-32600);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  }
});

it("tells probes how it is, whatever Host they name", async () => {
  await using server = await start();
  const get = (path: string, method = "GET") =>
    sendRaw(server.port, `${method} ${path} HTTP/1.1\r\nHost: pod.internal\r\nConnection: close\r\n\r\n`);

  expect((await get("/healthz")).body).toBe('{"status":"ok"}');
  expect((await get("/readyz")).body).toBe('{"status":"ready"}');
  expect((await get("/readyz", "HEAD")).status).toBe(200);
  expect((await get("/healthz", "POST")).status).toBe(405);
});

const junk = fc.oneof(
  fc.string({ maxLength: 200 }).map((text) => post(text, call.headers)),
  fc.json().map((text) => post(text)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }))
    .map(([name, value]) =>
      post(call.body, { ...call.headers, [`X${name.replace(/[^!-9;-~]/g, "")}`]: value.replace(/[\r\n]/g, "") }),
    ),
  fc
    .constantFrom("Mcp-Method", "Mcp-Name", "MCP-Protocol-Version", "Host", "Origin", "Accept", "Mcp-Session-Id")
    .chain((name) =>
      fc
        .string({ maxLength: 60 })
        .map((value) => post(call.body, { ...call.headers, [name]: value.replace(/[\r\n]/g, "") })),
    ),
  fc
    .nat(call.body.length)
    .chain((at) =>
      fc
        .string({ maxLength: 5 })
        .map((text) => post(call.body.slice(0, at) + text + call.body.slice(at + 1), call.headers)),
    ),
);

it("answers 10,000 malformed requests, 32 at a time, without a 5xx and then serves the next one", {
  timeout: 90_000,
}, async () => {
  await using server = await start();
  const requests = fc.sample(junk, { numRuns: 10_000, seed: 20_261_123 });
  const statuses = new Set<number>();
  const workers = Array.from({ length: 32 }, async () => {
    for (let request = requests.pop(); request !== undefined; request = requests.pop()) {
      const half = Buffer.concat([request, Buffer.from("\r\n\r\n")]);
      statuses.add((await Promise.race([sendRaw(server.port, half), timeout()])).status);
    }
  });

  await Promise.all(workers);

  expect([...statuses].filter((status) => status >= 500)).toEqual([]);
  expect((await sendRaw(server.port, hello)).status).toBe(200);
  expect(process.memoryUsage().rss).toBeLessThan(400 * 1024 * 1024);
});

async function timeout(): Promise<{ status: number }> {
  return new Promise((resolve) => setTimeout(() => resolve({ status: 0 }), 250).unref());
}
