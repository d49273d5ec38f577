import { expect, it } from "vitest";
import { createWorkspace } from "./workspace.ts";

const png = Buffer.from("\x89PNG\r\n\x1a\n more", "latin1");

it("gives an image as an image block and nothing else", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.bin", png);

  const answer = await workspace.call("read_media_file", { path: "a.bin" });

  const block = { type: "image", data: png.toString("base64"), mimeType: "image/png" };
  expect(answer.blocks).toEqual([block]);
  expect(answer.data).toMatchObject({ content: [block], mimeType: "image/png", bytes: png.length });
});

it("believes the content, not the name", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.png", "just text");
  workspace.write("R/ü b.mp3", Buffer.from([0, 1, 2, 3]));

  const text = await workspace.call("read_media_file", { path: "a.png" });
  const bytes = await workspace.call("read_media_file", { path: "ü b.mp3" });

  expect(text.data.content[0]).toMatchObject({ type: "resource", resource: { mimeType: "text/plain" } });
  expect(bytes.data.content[0]).toEqual({
    type: "resource",
    resource: { uri: `file://${workspace.R}/%C3%BC%20b.mp3`, mimeType: "application/octet-stream", blob: "AAECAw==" },
  });
});

it("refuses files above the limit and says how to raise it", async () => {
  await using workspace = createWorkspace();
  workspace.write("R/a.png", png);

  const answer = await workspace.call("read_media_file", { path: "a.png", maxBytes: 5 });

  expect(answer.text).toMatch(/^TOO_LARGE: .*maxBytes/);
});
