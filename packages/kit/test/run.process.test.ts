import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnServer } from "@bothways/kit/testing";
import { expect, it } from "vitest";
import { modernCall } from "./fixtures/raw-http.ts";

const entry = fileURLToPath(new URL("./fixtures/echo-entry.ts", import.meta.url));
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t", version: "1" } },
};

function spawnEcho(args: readonly string[], env: Record<string, string> = {}) {
  const { PATH, HOME } = process.env;
  return spawnServer(process.execPath, {
    args: ["-C", "@bothways/source", entry, ...args],
    env: { PATH, HOME, ...env },
  });
}

async function refusal(args: readonly string[], env: Record<string, string> = {}) {
  await using server = spawnEcho(args, env);
  server.child.stdin.end();
  const code = await server.exited;
  return { code, out: server.lines.join("\n"), errors: server.errors().trim() };
}

async function startHttp(args: readonly string[] = []) {
  const server = spawnEcho(["--http", "--port", "0", ...args]);
  await server.stderrHas(" because=");
  const url = /url=(\S+)/.exec(server.errors())?.[1] ?? "";
  return Object.assign(server, { url });
}

function call(url: string, tool: string, input: Record<string, unknown>) {
  const { headers, body } = modernCall("tools/call", { name: tool, arguments: input });
  const all = { ...headers, "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  return fetch(url, { method: "POST", headers: all, body });
}

it("answers initialize on a pipe with one line, says why it chose stdio, and exits 0", async () => {
  await using server = spawnEcho([]);

  server.send(initialize);
  server.child.stdin.end();

  expect(await server.exited).toBe(0);
  expect(server.lines).toHaveLength(1);
  expect(JSON.parse(server.lines[0] ?? "")).toMatchObject({ id: 1, result: { protocolVersion: "2025-06-18" } });
  expect(server.errors()).toMatch(/^bothways-echo 1\.2\.3 transport=stdio because=stdin is a (pipe|socket)\n$/);
});

it.each([
  [["--prot", "1"], /--prot.*--port/],
  [["--port", "80000"], /--port/],
  [["--port", "1", "--port", "2"], /--port/],
  [["--transport", "stdio", "--port", "1"], /--port/],
  [["--transport", "carrier-pigeon"], /--transport/],
  [["--keepalive", "soon"], /--keepalive/],
  [["extra"], /extra/],
  [["--config", "/nonexistent/kit.json"], /nonexistent|--config/],
])("refuses %j with exit 2 and one line that names it", async (args, text) => {
  const { code, out, errors } = await refusal(args);

  expect([code, out]).toEqual([2, ""]);
  expect(errors).toMatch(text);
  expect(errors.split("\n")).toHaveLength(1);
});

it.each([
  [["--host", "0.0.0.0"], {}],
  [["--http"], { BOTHWAYS_HOST: "0.0.0.0" }],
  [["--http", "--host", "::"], {}],
])("refuses %j %j with exit 78, names --auth and listens nowhere", async (args, env) => {
  const { code, errors } = await refusal(args, env);

  expect(code).toBe(78);
  expect(errors).toContain("--auth");
  expect(errors).not.toContain("url=");
});

it("does not take the permission to be exposed from the environment", async () => {
  const { code } = await refusal(["--host", "0.0.0.0"], { BOTHWAYS_ALLOW_UNAUTHENTICATED: "1" });

  expect(code).toBe(78);
});

it("refuses a state key that is too short with exit 78 and does not repeat it", async () => {
  const { code, errors } = await refusal([], { BOTHWAYS_STATE_KEY: "short-secret" });

  expect(code).toBe(78);
  expect(errors).toContain("BOTHWAYS_STATE_KEY");
  expect(errors).not.toContain("short-secret");
});

it("says which port is taken and which flag changes it, exit 1", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const address = taken.address();
  const port = typeof address === "object" && address ? address.port : 0;

  const { code, errors } = await refusal(["--http", "--port", String(port)]);

  taken.close();
  expect(code).toBe(1);
  expect(errors).toMatch(new RegExp(`^Error: Port ${port} .*--port`));
});

it("prints help, version and the explained decision on stdout, exit 0", async () => {
  const [help, version, explain] = await Promise.all([
    refusal(["--help"]),
    refusal(["--version"]),
    refusal(["--explain", "--sessions=reject"]),
  ]);

  expect([help.code, version.code, explain.code]).toEqual([0, 0, 0]);
  expect(help.out).toContain("--transport");
  expect(help.out.split("\n").every((line) => line.length <= 100)).toBe(true);
  expect(version.out).toBe("1.2.3");
  expect(JSON.parse(explain.out)).toMatchObject({
    transport: "stdio",
    options: { sessions: { value: "reject", source: "--sessions" }, greeting: { value: "hello", source: "default" } },
  });
});

it("takes options from a config file and lets environment and flags win over it", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "bothways-run-"));
  const file = join(folder.path, "kit.json");
  writeFileSync(file, JSON.stringify({ transport: "http", "log-level": "warn", keepalive: "5s", maxSessions: 7 }));

  const { out } = await refusal(["--config", file, "--keepalive", "7s", "--explain"], { BOTHWAYS_MAX_SESSIONS: "9" });

  const explained = JSON.parse(out);
  expect(explained.transport).toBe("http");
  expect(explained.options.keepalive).toEqual({ value: 7000, source: "--keepalive" });
  expect(explained.options.maxSessions).toEqual({ value: 9, source: "BOTHWAYS_MAX_SESSIONS" });
  expect(explained.options.logLevel.source).toContain("log-level");
});

it("writes nothing to stdout over HTTP and logs a start line as JSON when asked", async () => {
  await using server = spawnEcho(["--http", "--port", "0", "--log-format", "json"]);
  await server.stderrHas('"event":"start"');

  server.child.kill("SIGTERM");

  expect(await server.exited).toBe(0);
  expect(server.lines).toEqual([]);
  expect(JSON.parse(server.errors().split("\n")[0] ?? "")).toMatchObject({ event: "start", transport: "http" });
});

it("lives through a tool that has a bug, logs it once with the id that the client got", async () => {
  await using server = await startHttp();

  const answer = await (await call(server.url, "refuse", { how: "bug" })).text();
  const id = /\(id ([0-9a-f]{8})\)/.exec(answer)?.[1] ?? "none";
  await server.stderrHas(id);

  expect(answer).not.toContain("secret detail");
  expect(server.errors()).toContain("secret detail of a bug");
  expect((await call(server.url, "echo", { text: "x" })).status).toBe(200);
});

function bugCall(id: number) {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name: "refuse", arguments: { how: "bug" } } };
}

it("flushes its log before it exits, however late the host reads it", async () => {
  const child = spawn(process.execPath, ["-C", "@bothways/source", entry], { stdio: "pipe" });
  let [answers, log] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    answers += text;
    // Only now: until here nobody has read what the calls had logged.
    if (answers.split("\n").length > 1001) child.stderr.on("data", (part: Buffer) => (log += part));
  });
  const lines = Array.from({ length: 1000 }, (_, index) => JSON.stringify(bugCall(index + 2)));

  child.stdin.end([JSON.stringify(initialize), ...lines, ""].join("\n"));
  const [code] = await once(child, "close");

  expect(code).toBe(0);
  expect(log.match(/secret detail of a bug/g)).toHaveLength(1000);
});

it("drains and exits 1 when an error is caught by nobody", async () => {
  await using server = await startHttp();
  const pending = call(server.url, "wait", { ms: 400 });
  await new Promise((resolve) => setTimeout(resolve, 150));

  await call(server.url, "refuse", { how: "crash" }).catch(() => undefined);

  expect((await pending).status).toBe(200);
  expect(await server.exited).toBe(1);
  expect(server.errors()).toContain("nobody caught this");
});

it("answers 100 begun calls and ends 20 listen streams with results on SIGTERM, exit 0", async () => {
  await using server = await startHttp();
  const listen = modernCall("subscriptions/listen", { notifications: { toolsListChanged: true } });
  const listens = await Promise.all(
    Array.from({ length: 20 }, () =>
      fetch(server.url, {
        method: "POST",
        headers: {
          ...listen.headers,
          "Content-Type": "application/json",
          Accept: "text/event-stream, application/json",
        },
        body: listen.body,
      }),
    ),
  );
  const calls = Array.from({ length: 100 }, () => call(server.url, "wait", { ms: 700 }));
  await new Promise((resolve) => setTimeout(resolve, 300));

  server.child.kill("SIGTERM");

  const responses = await Promise.all(calls);
  const ends = await Promise.all(listens.map((response) => response.text()));
  expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
  expect(responses.map(({ headers }) => headers.get("connection"))).toEqual(Array.from({ length: 100 }, () => "close"));
  expect(ends.filter((text) => text.includes('"resultType":"complete"'))).toHaveLength(20);
  expect(await server.exited).toBe(0);
});

it("ends at once on a second signal", async () => {
  await using server = await startHttp();
  const pending = call(server.url, "wait", { ms: 20_000 }).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 200));

  server.child.kill("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 300));
  server.child.kill("SIGTERM");

  expect(await server.exited).toBe(143);
  await pending;
});

it("exits 1 when the drain deadline cuts a call", async () => {
  await using server = await startHttp(["--shutdown-timeout", "500ms"]);
  const pending = call(server.url, "wait", { ms: 20_000 }).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 200));

  server.child.kill("SIGTERM");

  expect(await server.exited).toBe(1);
  await pending;
});

it("serves HTTP on a Unix socket that only its user may open", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "bothways-run-"));
  const socket = join(folder.path, "echo.sock");
  await using server = spawnEcho(["--socket", socket]);
  await server.stderrHas(" because=");

  const { statSync } = await import("node:fs");

  expect((statSync(socket).mode & 0o777).toString(8)).toBe("600");
  server.child.kill("SIGTERM");
  expect(await server.exited).toBe(0);
});
