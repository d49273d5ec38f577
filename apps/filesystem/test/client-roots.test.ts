import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ConnectOptions, connect, type TestSession } from "@bothways/kit/testing";
import { expect, it } from "vitest";
import type { options } from "../src/options.ts";
import { server } from "../src/server.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

/** A client whose roots the test decides, one list for each time it is asked. */
class Host {
  readonly asked: PromiseWithResolvers<readonly string[]>[] = [];
  #waiting: ((question: PromiseWithResolvers<readonly string[]>) => void)[] = [];

  /** The next question the server asks. */
  async question(): Promise<PromiseWithResolvers<readonly string[]>> {
    const asked = this.asked.shift();
    return asked ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  answer(): Promise<readonly string[]> {
    const question = Promise.withResolvers<readonly string[]>();
    const waiting = this.#waiting.shift();
    if (waiting) waiting(question);
    else this.asked.push(question);
    return question.promise;
  }
}

async function open(
  host: Host,
  values: ConnectOptions<typeof options>["options"],
  transport: "memory" | "http" = "memory",
): Promise<TestSession> {
  return connect(server, {
    era: "2025",
    transport,
    options: values ?? {},
    client: { capabilities: { roots: { listChanged: true } } },
    prepare: (client) => {
      client.setRequestHandler("roots/list", async () => ({
        roots: (await host.answer()).map((path) => ({ uri: path.includes(":") ? path : pathToFileURL(path).href })),
      }));
    },
  });
}

async function allowed(session: TestSession): Promise<string> {
  const { content } = await session.callTool("list_allowed_directories");
  const [first] = content as { text: string }[];
  return (first?.text ?? "").split(/:? /)[0] === "NO_DIRECTORIES"
    ? "none"
    : (first?.text ?? "").split("\n").slice(1).join(" ");
}

function layOut(workspace: Workspace): void {
  mkdirSync(join(workspace.R, "a/b"), { recursive: true });
}

it.each(["memory", "http"] as const)("narrows the directories to a root inside, over %s", async (transport) => {
  await using workspace = createWorkspace();
  layOut(workspace);
  workspace.write("R/x.txt", "outside of the root now");
  workspace.write("R/a/y.txt", "inside");
  const host = new Host();
  await using session = await open(host, { directories: [`${workspace.R}:ro`] }, transport);

  (await host.question()).resolve([join(workspace.R, "a")]);

  expect(await allowed(session)).toBe(`${workspace.R}/a`);
  expect(await session.callTool("read_file", { path: "y.txt" })).toMatchObject({ content: [{ text: "inside" }] });
  expect(await session.callTool("read_file", { path: join(workspace.R, "x.txt") })).toMatchObject({ isError: true });
  const list = await session.callTool("list_allowed_directories");
  expect(list.structuredContent).toMatchObject({ directories: [{ access: "ro", source: "client" }] });
});

it.each([
  ["a root above leaves the directory whole", (R: string) => [join(R, "..")], (R: string) => R],
  ["the directory itself leaves it whole", (R: string) => [R], (R: string) => R],
  ["a root outside is ignored while none has overlapped", () => ["/usr"], (R: string) => R],
  ["an empty list changes nothing at first", () => [], (R: string) => R],
  [
    "a uri of another machine is ignored",
    (R: string) => ["file://example.org/x", join(R, "a")],
    (R: string) => `${R}/a`,
  ],
])("%s", async (_what, roots, expected) => {
  await using workspace = createWorkspace();
  layOut(workspace);
  const host = new Host();
  await using session = await open(host, { directories: [workspace.R] });

  (await host.question()).resolve(roots(workspace.R));

  expect(await allowed(session)).toBe(expected(workspace.R));
});

it("never widens when a root is taken away", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);
  const host = new Host();
  await using session = await open(host, { directories: [workspace.R] });
  const seen: string[] = [];

  for (const roots of [[join(workspace.R, "a")], [], ["/usr"], [join(workspace.R, "a/b")], [workspace.R]]) {
    (await host.question()).resolve(roots);
    seen.push(await allowed(session));
    await session.client.sendRootsListChanged();
  }

  expect(seen).toEqual([`${workspace.R}/a`, "none", "none", `${workspace.R}/a/b`, workspace.R]);
});

it("lets the newest list win when an older one arrives late, and calls wait for it", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);
  const host = new Host();
  await using session = await open(host, { directories: [workspace.R] });
  const first = await host.question();
  await session.client.sendRootsListChanged();
  const second = await host.question();

  const call = allowed(session);
  second.resolve([join(workspace.R, "a/b")]);
  expect(await call).toBe(`${workspace.R}/a/b`);

  first.resolve([workspace.R]);
  expect(await allowed(session)).toBe(`${workspace.R}/a/b`);
});

it("takes the roots as directories when it is told to, or given none", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);
  const host = new Host();
  await using session = await open(host, { deny: ["b"] });

  (await host.question()).resolve([workspace.R, workspace.O, join(workspace.base, "none")]);
  expect(await allowed(session)).toBe(`${workspace.R} ${workspace.O}`);
  expect(await session.callTool("list_directory", { path: "a/b" })).toMatchObject({ isError: true });

  await session.client.sendRootsListChanged();
  (await host.question()).resolve([]);
  expect(await allowed(session)).toBe("none");
});

it("keeps each connection's roots to itself", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);
  const [one, other] = [new Host(), new Host()];
  await using first = await open(one, { directories: [workspace.R] });
  await using second = await open(other, { directories: [workspace.R] });

  (await one.question()).resolve([join(workspace.R, "a")]);
  (await other.question()).resolve([join(workspace.R, "a/b")]);

  expect([await allowed(first), await allowed(second)]).toEqual([`${workspace.R}/a`, `${workspace.R}/a/b`]);
});

it("ignores roots when it is told to, and on 2026-07-28", async () => {
  await using workspace = createWorkspace();
  await using ignoring = await connect(server, {
    era: "2025",
    options: { directories: [workspace.R], roots: "ignore" },
    client: { capabilities: { roots: {} } },
  });
  await using modern = await connect(server, { era: "2026", options: { directories: [workspace.R] } });

  expect([await allowed(ignoring), await allowed(modern)]).toEqual([workspace.R, workspace.R]);
});

it("falls back to the operator's directories when the client does not answer", { timeout: 15_000 }, async () => {
  await using workspace = createWorkspace();
  layOut(workspace);
  const host = new Host();
  await using session = await open(host, { directories: [workspace.R] });
  const start = performance.now();

  expect(await allowed(session)).toBe(workspace.R);
  expect(performance.now() - start).toBeGreaterThan(4000);

  expect(await allowed(session)).toBe(workspace.R);
  expect(performance.now() - start).toBeLessThan(9500);
});

it("stays inside a narrowed directory when a link or a swap leads out", async () => {
  await using workspace = createWorkspace();
  layOut(workspace);
  workspace.write("R/secret.txt", "SECRET");
  symlinkSync("../secret.txt", join(workspace.R, "a/l"));
  const host = new Host();
  await using session = await open(host, { directories: [workspace.R] });
  (await host.question()).resolve([join(workspace.R, "a")]);
  expect(await session.callTool("read_file", { path: "l" })).toMatchObject({ isError: true });

  renameSync(join(workspace.R, "a"), join(workspace.R, "old"));
  symlinkSync("..", join(workspace.R, "a"));

  expect(await session.callTool("read_file", { path: "secret.txt" })).toMatchObject({ isError: true });
});
