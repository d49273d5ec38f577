import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { connect, type TestSession } from "@bothways/kit/testing";
import { describe, expect, it } from "vitest";
import { server } from "../src/server.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

/** A client that notes which resources changed. */
class Listener {
  readonly seen: string[] = [];
  #wake: () => void = () => {};

  note(uri: string): void {
    this.seen.push(uri);
    this.#wake();
  }

  async count(wanted: number): Promise<void> {
    while (this.seen.length < wanted) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Longer than two debounces: nothing more came. */
  async quiet(): Promise<number> {
    await setTimeout(350);
    return this.seen.length;
  }
}

async function open(workspace: Workspace, options = {}, listener = new Listener()): Promise<TestSession> {
  return connect(server, {
    era: "2025",
    options: { directories: [workspace.R], ...options },
    prepare: (client) =>
      client.setNotificationHandler("notifications/resources/updated", ({ params }) => listener.note(params.uri)),
  });
}

const uriOf = (workspace: Workspace, path: string): string => pathToFileURL(join(workspace.R, path)).href;

describe.each(["2025", "2026"] as const)("on %s", (era) => {
  it("lists the directories, offers the template and reads files and directories", async () => {
    await using workspace = createWorkspace();
    workspace.write("R/d/a b.txt", "text");
    workspace.write("R/d/p.png", Buffer.from("\x89PNG\r\n\x1a\n", "latin1"));
    await using session = await connect(server, { era, options: { directories: [workspace.R] } });
    const { client } = session;

    const list = await client.listResources();
    const templates = await client.listResourceTemplates();
    const text = await client.readResource({ uri: uriOf(workspace, "d/a b.txt") });
    const image = await client.readResource({ uri: uriOf(workspace, "d/p.png") });
    const directory = await client.readResource({ uri: list.resources[0]?.uri ?? "" });

    expect(list.resources).toEqual([{ uri: `file://${workspace.R}`, name: "R", mimeType: "inode/directory" }]);
    expect(templates.resourceTemplates).toMatchObject([{ uriTemplate: "file:///{+path}" }]);
    expect(text.contents).toEqual([{ uri: uriOf(workspace, "d/a b.txt"), mimeType: "text/plain", text: "text" }]);
    expect(image.contents).toMatchObject([{ mimeType: "image/png", blob: "iVBORw0KGgo=" }]);
    expect(directory.contents).toMatchObject([{ mimeType: "inode/directory", text: "[DIR] d" }]);
  });

  it("gives one answer for what is missing, outside, behind a link or denied", async () => {
    await using workspace = createWorkspace();
    workspace.write("R/.env", "HIDDEN");
    symlinkSync("../O/s.txt", join(workspace.R, "l"));
    await using session = await connect(server, { era, options: { directories: [workspace.R], deny: [".env"] } });

    const errors = await Promise.all(
      ["none", ".env", "l", "../O/s.txt", "../O/none", "%2e%2e/O/s.txt"].map((path) => {
        const uri = `file://${workspace.R}/${path}`;
        return session.client.readResource({ uri }).catch((error: { code: number; message: string }) => ({
          code: error.code,
          message: error.message.replaceAll(uri, "<uri>"),
        }));
      }),
    );

    expect(errors).toEqual(Array(6).fill(errors[0]));
    expect(errors[0]).toHaveProperty("code");
  });

  it.each(["?x", "#x", "%2Fx", "%00"])("refuses a uri with %s", async (suffix) => {
    await using workspace = createWorkspace();
    await using session = await connect(server, { era, options: { directories: [workspace.R] } });

    await expect(session.client.readResource({ uri: `file://${workspace.R}/a${suffix}` })).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining("Invalid resource uri"),
    });
  });
});

it("names the tool to use for what is too large", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.txt", "x".repeat(5000));
  await using session = await open(workspace, { maxRead: 4096 });

  await expect(session.client.readResource({ uri: uriOf(workspace, "a.txt") })).rejects.toThrow("read_text_file");
});

it("tells once about a write in place, an atomic replacement, a deletion and a new file", async () => {
  await using workspace = createWorkspace();
  const path = workspace.write("R/d/a.txt", "one");
  const uri = uriOf(workspace, "d/a.txt");
  const listener = new Listener();
  await using session = await open(workspace, {}, listener);
  await session.client.subscribeResource({ uri });

  appendFileSync(path, "two");
  await listener.count(1);
  await session.callTool("write_file", { path: "d/a.txt", content: "three" });
  await listener.count(2);
  rmSync(path);
  await listener.count(3);
  writeFileSync(path, "four");
  await listener.count(4);
  workspace.write("R/d/other.txt", "does not concern it");

  expect(await listener.quiet()).toBe(4);
  expect(new Set(listener.seen)).toEqual(new Set([uri]));
});

it("tells listeners on 2026-07-28 as well", async () => {
  await using workspace = createWorkspace();
  const path = workspace.write("R/a.txt", "one");
  const uri = uriOf(workspace, "a.txt");
  const listener = new Listener();
  await using session = await connect(server, {
    era: "2026",
    transport: "http",
    options: { directories: [workspace.R] },
    prepare: (client) =>
      client.setNotificationHandler("notifications/resources/updated", ({ params }) => listener.note(params.uri)),
  });
  await session.client.listen({ resourceSubscriptions: [uri] });

  appendFileSync(path, "two");
  await listener.count(1);
  rmSync(path);
  await listener.count(2);

  expect(listener.seen).toEqual([uri, uri]);
});

it("waits for what does not exist yet, below directories that do not either", async () => {
  await using workspace = createWorkspace();
  const listener = new Listener();
  await using session = await open(workspace, {}, listener);
  await session.client.subscribeResource({ uri: uriOf(workspace, "x/y/a.txt") });

  mkdirSync(join(workspace.R, "x"));
  expect(await listener.quiet()).toBe(0);
  mkdirSync(join(workspace.R, "x/y"));
  expect(await listener.quiet()).toBe(0);
  workspace.write("R/x/y/a.txt", "here");
  await listener.count(1);

  renameSync(join(workspace.R, "x/y"), join(workspace.R, "x/z"));
  await listener.count(2);
  workspace.write("R/x/y/a.txt", "here again");
  await listener.count(3);
});

it("tells about the names in a directory, but not about hidden ones", async () => {
  await using workspace = createWorkspace();
  mkdirSync(join(workspace.R, "d"));
  const listener = new Listener();
  await using session = await open(workspace, { deny: ["*.key"] }, listener);
  await session.client.subscribeResource({ uri: uriOf(workspace, "d") });

  workspace.write("R/d/a.key", "HIDDEN");
  expect(await listener.quiet()).toBe(0);
  workspace.write("R/d/a.txt", "");
  await listener.count(1);
});

it("refuses to watch what is outside or denied, and more than 64 uris", async () => {
  await using workspace = createWorkspace();
  await using session = await open(workspace, { deny: [".env"] });

  await expect(session.client.subscribeResource({ uri: uriOf(workspace, ".env") })).rejects.toThrow("ACCESS_DENIED");
  await expect(session.client.subscribeResource({ uri: `file://${workspace.O}/s.txt` })).rejects.toThrow(
    "ACCESS_DENIED",
  );
  for (let index = 0; index < 64; index += 1) {
    await session.client.subscribeResource({ uri: uriOf(workspace, `a${index}`) });
  }
  await expect(session.client.subscribeResource({ uri: uriOf(workspace, "more") })).rejects.toThrow("64");
  await session.client.unsubscribeResource({ uri: uriOf(workspace, "a0") });
  await session.client.subscribeResource({ uri: uriOf(workspace, "more") });
});

it("says nothing after unsubscribing", async () => {
  await using workspace = createWorkspace();
  const path = workspace.write("R/a.txt", "one");
  const listener = new Listener();
  await using session = await open(workspace, {}, listener);
  const uri = uriOf(workspace, "a.txt");
  await session.client.subscribeResource({ uri });
  await session.client.unsubscribeResource({ uri });

  appendFileSync(path, "two");

  expect(await listener.quiet()).toBe(0);
});
