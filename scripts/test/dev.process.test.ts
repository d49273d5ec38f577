import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ServedSource } from "../dev/served-source.ts";
import { watchSources } from "../dev/watch-sources.ts";
import { folderWith } from "./folder-with.ts";

const cli = `
import { createServer } from "node:http";
import { word } from "./word.ts";
if (!process.argv.includes("--help")) {
  const server = createServer((_, response) => response.end(word));
  server.listen(Number(process.argv[2]), "127.0.0.1");
  process.on("SIGTERM", () => process.exit(0));
}
`;

async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    server.close(() => resolve(port));
  });
  return promise;
}

/** What the server says, asked until it listens. */
async function answer(port: number): Promise<string> {
  for (;;) {
    const text = await fetch(`http://127.0.0.1:${port}`).then(
      (response) => response.text(),
      () => undefined,
    );
    if (text !== undefined) return text;
  }
}

it("serves a change on the same port, and what loaded last while a change does not load", async () => {
  using folder = folderWith({ "cli.ts": cli, "word.ts": 'export const word = "one";\n' });
  const port = await freePort();
  const server = new ServedSource(folder.path, "cli.ts", [String(port)]);

  await server.reload();
  const first = await answer(port);
  writeFileSync(join(folder.path, "word.ts"), "export const word = ;\n");
  await server.reload();
  const broken = await answer(port);
  writeFileSync(join(folder.path, "word.ts"), 'export const word = "three";\n');
  await server.reload();
  const repaired = await answer(port);
  await server.stop();

  expect([first, broken, repaired]).toEqual(["one", "one", "three"]);
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow("fetch failed");
});

it("tells once about a burst of changes, in folders at any depth, and not about other files", async () => {
  using folder = folderWith({ "src/deep/er/a.ts": "", "src/b.ts": "" });
  const { promise: told, resolve } = Promise.withResolvers<void>();
  let times = 0;
  using _watching = watchSources([join(folder.path, "src")], () => {
    times += 1;
    resolve();
  });

  writeFileSync(join(folder.path, "src/notes.txt"), "x");
  for (let save = 0; save < 10; save += 1) writeFileSync(join(folder.path, "src/deep/er/a.ts"), `${save}`);
  await told;

  expect(times).toBe(1);
});
