import { fileURLToPath } from "node:url";
import { serve } from "@bothways/kit";
import { spawnServer } from "@bothways/kit/testing";
import { expect, it } from "vitest";
import { createNotebook } from "./fixtures/notebook.ts";

const entry = fileURLToPath(new URL("./fixtures/notebook-entry.ts", import.meta.url));

async function runBin(...args: string[]) {
  await using bin = spawnServer(process.execPath, { args: ["-C", "@bothways/source", entry, ...args] });
  bin.child.stdin.end();
  const code = await bin.exited;
  return { code, out: bin.lines.join("\n"), errors: bin.errors() };
}

async function start(access: readonly string[] | undefined) {
  const running = await serve(createNotebook(), {
    transport: "http",
    port: 0,
    maxBody: 1000,
    ...(access && {
      gate: async () => ({ principal: { id: "p", subject: "p", issuer: "i", clientId: "c", access } }),
    }),
  });
  const post = (body: string, headers: Record<string, string> = { "Content-Type": "text/plain" }) =>
    fetch(new URL("/notes", running.url), { method: "POST", body, headers });
  return { running, post, [Symbol.asyncDispose]: () => running.close() };
}

it("runs a command instead of serving, with the option rules of the server", async () => {
  const done = await runBin("import", "--from", "a.txt", "--times=2");
  const failed = await runBin("import", "--from", "a.txt", "--times", "zero");

  expect(done).toMatchObject({ code: 0, out: "imported a.txt 2 times" });
  expect(failed).toMatchObject({ code: 2 });
  expect(failed.errors).toContain("--times");
});

it("passes the exit code of a command on", async () => {
  expect((await runBin("import", "--from", "missing")).code).toBe(3);
});

it("shows the help of a command and suggests one for an unknown word", async () => {
  const help = await runBin("import", "--help");
  const unknown = await runBin("inport");

  expect(help.code).toBe(0);
  expect(help.out).toContain("--from");
  expect(help.out).not.toContain("--port");
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.errors).toContain("did you mean import");
});

it("serves a route beside the endpoint with its own media types and limits", async () => {
  await using server = await start(undefined);

  const stored = await server.post("hello");
  const wrongType = await server.post("{}", { "Content-Type": "application/json" });
  const tooLarge = await server.post("x".repeat(2000));
  const wrongMethod = await fetch(new URL("/notes", server.running.url), { method: "DELETE" });
  const read = await fetch(new URL("/notes?first=1", server.running.url));

  expect([stored.status, await stored.json()]).toEqual([201, { notes: 1 }]);
  expect([wrongType.status, tooLarge.status, wrongMethod.status]).toEqual([415, 413, 405]);
  expect(wrongMethod.headers.get("allow")).toBe("GET, POST");
  expect([read.headers.get("content-type"), await read.text()]).toEqual(["text/plain", "hello"]);
  expect(read.headers.get("x-content-type-options")).toBe("nosniff");
});

it("holds a route and a tool to the caller's access level", async () => {
  await using reader = await start(["read"]);
  await using writer = await start(["write"]);

  expect((await reader.post("hello")).status).toBe(403);
  expect((await writer.post("hello")).status).toBe(201);
});

it("passes routes through the edge", async () => {
  await using server = await start(undefined);

  const foreign = await server.post("x", { "Content-Type": "text/plain", Origin: "https://evil.example" });

  expect(foreign.status).toBe(403);
});
