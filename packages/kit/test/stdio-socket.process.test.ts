import { mkdtempDisposableSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { serveStdioConnection } from "../src/stdio/serve-stdio.ts";
import { createFixture } from "./fixtures/stdio-fixture.ts";
import { call, initialize, initialized } from "./fixtures/stdio-session.ts";

it("serves a local socket like a pair of pipes: what came before the client's end is answered", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "bothways-socket-"));
  const path = join(folder.path, "s");
  await using server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = serveStdioConnection(createFixture(), {
      input: socket,
      output: socket,
      shutdownTimeoutMs: 5000,
    });
    void connection.closed.then(() => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = connect({ path, allowHalfOpen: true });

  const messages = [initialize, initialized, "garbage", call(1, "sleep", { ms: 30 }), call(2, "big", { megabytes: 2 })];
  client.end(messages.map((message) => JSON.stringify(message)).join("\n"));
  const lines = (await text(client)).trimEnd().split("\n");

  expect(lines.map((line) => JSON.parse(line).id).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
    1,
    2,
    "init",
    null,
  ]);
});

it("ends a connection whose client is gone", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "bothways-socket-"));
  const path = join(folder.path, "s");
  const ended = Promise.withResolvers<string>();
  await using server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = serveStdioConnection(createFixture(), {
      input: socket,
      output: socket,
      shutdownTimeoutMs: 5000,
    });
    void connection.closed.then(() => socket.destroy());
    ended.resolve(connection.closed);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = connect({ path });
  client.write(`${JSON.stringify(initialize)}\n${JSON.stringify(call(1, "sleep", { ms: 100 }))}\n`);
  await new Promise((resolve) => client.once("data", resolve));

  client.destroy();

  expect(["eof", "output-closed"]).toContain(await ended.promise);
});
