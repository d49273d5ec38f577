import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectCleanStdout, type SpawnedServer, spawnServer } from "@bothways/kit/testing";
import { describe, expect, it } from "vitest";

const cli = new URL("../src/cli.ts", import.meta.url).pathname;

class Place implements AsyncDisposable {
  readonly home = realpathSync(mkdtempSync(join(tmpdir(), "bothways-cli-")));
  readonly R = join(this.home, "R");

  constructor() {
    mkdirSync(this.R);
  }

  start(args: readonly string[], env: Record<string, string> = {}): SpawnedServer {
    const clean = { PATH: process.env["PATH"], HOME: this.home };
    const command = ["-C", "@bothways/source", cli, ...args];
    return spawnServer(process.execPath, { args: command, cwd: this.R, env: { ...clean, ...env } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.home, { recursive: true, force: true });
  }
}

function initialize(server: SpawnedServer): void {
  const clientInfo = { name: "test", version: "1" };
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  server.send({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
}

function call(server: SpawnedServer, id: number, name: string, input: object): void {
  server.send({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: input } });
}

async function answer(
  server: SpawnedServer,
  id: number,
): Promise<{ result: { content: { text: string }[] }; isError?: boolean }> {
  return JSON.parse(await server.line((line) => line.includes(`"id":${id}`) && !line.includes('"method"')));
}

describe("over stdio", () => {
  it("answers the three starter calls relative to the first directory", async () => {
    await using place = new Place();
    writeFileSync(join(place.R, "a.txt"), "hello");
    await using server = place.start([place.R]);

    initialize(server);
    call(server, 2, "read_file", { path: "a.txt" });
    call(server, 3, "list_directory", {});
    call(server, 4, "search_files", { query: "A" });

    expect((await answer(server, 2)).result.content[0]?.text).toBe("hello");
    expect((await answer(server, 3)).result.content[0]?.text).toBe("[FILE] a.txt");
    expect((await answer(server, 4)).result.content[0]?.text).toBe(`${place.R}/a.txt`);
    server.child.stdin.end();
    expect(await server.exited).toBe(0);
    expectCleanStdout(server.lines);
  });

  it("expands ~ and takes relative directories from where it was started", async () => {
    await using place = new Place();
    mkdirSync(join(place.R, "sub"));
    await using server = place.start(["~/R/sub:ro", "./sub"]);

    initialize(server);
    call(server, 2, "list_allowed_directories", {});

    expect((await answer(server, 2)).result).toMatchObject({
      structuredContent: { directories: [{ path: `${place.R}/sub`, access: "ro", source: "command-line" }] },
    });
  });

  it("skips a directory that is not there with a warning, and stops when none is", async () => {
    await using place = new Place();
    await using some = place.start([place.R, join(place.R, "none")]);
    initialize(some);
    await some.stderrHas("directory skipped");
    call(some, 2, "list_allowed_directories", {});
    expect((await answer(some, 2)).result.content[0]?.text).toBe(`Allowed directories:\n${place.R}`);
    expect(some.errors().match(/directory skipped/g)).toHaveLength(1);

    await using none = place.start([join(place.R, "none"), join(place.R, "nor-this")]);
    expect(await none.exited).toBe(1);
    expect(none.errors()).toContain("Error: None of the specified directories are accessible\n");
  });

  it("stays up without a directory and says what to do", async () => {
    await using place = new Place();
    await using server = place.start([]);

    initialize(server);
    call(server, 2, "list_directory", {});

    expect((await answer(server, 2)).result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^NO_DIRECTORIES: .*directory argument/) }],
    });
  });

  it("has no write tool with --read-only, and leaves the disk alone", async () => {
    await using place = new Place();
    await using server = place.start([place.R, "--read-only"]);

    initialize(server);
    server.send({ jsonrpc: "2.0", id: 2, method: "tools/list" });
    call(server, 3, "write_file", { path: "a.txt", content: "x" });
    call(server, 4, "list_directory", {});

    expect(JSON.stringify((await answer(server, 2)).result)).not.toMatch(/write_file|delete_file|edit_file/);
    expect(await answer(server, 3)).toHaveProperty("error");
    expect((await answer(server, 4)).result.content[0]?.text).toBe("");
  });

  it("takes its options from the environment", async () => {
    await using place = new Place();
    writeFileSync(join(place.R, "a.key"), "");
    mkdirSync(join(place.R, "d"));
    const env = { BOTHWAYS_FS_DENY: "*.key,*.pem", BOTHWAYS_FS_DIR: `${place.R},${place.R}/d:ro` };
    await using server = place.start([], env);

    initialize(server);
    call(server, 2, "list_directory", {});

    expect((await answer(server, 2)).result).toMatchObject({ structuredContent: { hidden: 1 } });
  });
});

it("leaves out disabled tools, given in one list or in several", async () => {
  await using place = new Place();
  await using server = place.start([place.R, "--disable-tools", "write_file,edit_file", "--disable-tools=delete_file"]);

  initialize(server);
  server.send({ jsonrpc: "2.0", id: 2, method: "tools/list" });

  const text = JSON.stringify((await answer(server, 2)).result);
  expect(text).toContain('"move_file"');
  expect(text).not.toMatch(/"(?:write_file|edit_file|delete_file)"/);
});

it.each([
  [["--disable-tools", "write_fil"], "--disable-tools"],
  [["--legacy-encoding", "klingon"], "--legacy-encoding"],
  [["--max-read", "1k"], "--max-read"],
  [["--search-timeout", "0"], "--search-timeout"],
  [["--roots", "widen"], "--roots"],
  [["--hardlinks", "keep"], "--hardlinks"],
  [["--denny", "x"], "--denny"],
  [["--deny", ""], "--deny"],
  [["--http", "--roots", "replace"], "--roots"],
])("refuses %j and names the flag", async (args, named) => {
  await using place = new Place();
  await using server = place.start([place.R, ...args]);

  expect(await server.exited).toBe(2);
  expect(server.errors()).toContain(named);
});

describe("over HTTP", () => {
  it("needs a directory", async () => {
    await using place = new Place();
    await using server = place.start(["--http", "--port", "0"]);

    expect(await server.exited).toBe(2);
    expect(server.errors()).toContain("directory");
  });

  it("has no write tool without authentication, and says so once", async () => {
    await using place = new Place();
    await using server = place.start([place.R, "--http", "--port", "0"]);
    await server.stderrHas("url=");
    const url = /url=(\S+)/.exec(server.errors())?.[1] ?? "";

    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
      }),
    });
    const session = response.headers.get("mcp-session-id") ?? "";
    await response.text();
    const list = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-session-id": session,
        "mcp-protocol-version": "2025-11-25",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" }),
    });
    const text = await list.text();

    expect(text).toContain("read_text_file");
    expect(text).not.toMatch(/write_file|delete_file|move_file/);
    expect(server.errors().match(/authenticat/gi)).toHaveLength(1);
  });
});
