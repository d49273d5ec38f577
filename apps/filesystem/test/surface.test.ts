import { readdirSync, readFileSync } from "node:fs";
import { surface } from "@bothways/kit/testing";
import { describe, expect, it } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import * as index from "../src/index.ts";
import { server } from "../src/server.ts";
import { tools } from "../src/tools/index.ts";

const names = [
  "read_text_file",
  "read_file",
  "read_media_file",
  "read_multiple_files",
  "list_directory",
  "list_directory_with_sizes",
  "directory_tree",
  "search_files",
  "search_files_content",
  "get_file_info",
  "list_allowed_directories",
  "write_file",
  "append_file",
  "edit_file",
  "create_directory",
  "move_file",
  "copy_file",
  "delete_file",
];

interface Listed {
  readonly name: string;
  readonly description: string;
  readonly annotations: Record<string, boolean | string>;
  readonly outputSchema: { readonly type: string; readonly properties: Record<string, unknown> };
}

it("lists the 18 tools as the snapshot has them, on both protocol generations", async () => {
  const modern = await surface(server, { era: "2026" });
  const older = await surface(server, { era: "2025" });

  expect(modern.map((tool) => (tool as Listed).name)).toEqual(names);
  expect(older).toEqual(modern);
  await expect(JSON.stringify(modern, null, 2)).toMatchFileSnapshot("__snapshots__/tools.json");
});

it("costs a model at most 18,000 bytes", async () => {
  expect(Buffer.byteLength(JSON.stringify(await surface(server)))).toBeLessThanOrEqual(18_000);
});

it("keeps a tool, its file and its export under one name, with four hints and an output", async () => {
  const listed = (await surface(server)) as readonly Listed[];
  for (const { name, description, annotations, outputSchema } of listed) {
    const file = new URL(`../src/tools/${name.replaceAll("_", "-")}.ts`, import.meta.url);
    const exported = name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());

    expect(readFileSync(file, "utf8")).toContain(`export const ${exported} = defineTool({`);
    expect(description.length).toBeLessThanOrEqual(200);
    expect(annotations).toMatchObject({
      readOnlyHint: expect.any(Boolean),
      destructiveHint: expect.any(Boolean),
      idempotentHint: expect.any(Boolean),
      openWorldHint: false,
    });
    expect(outputSchema.type).toBe("object");
    expect(outputSchema.properties).toHaveProperty("content");
  }
});

it("asks for write access exactly where something can change", () => {
  for (const { annotations, access } of tools) expect(access).toBe(annotations.readOnlyHint ? "read" : "write");
});

describe("with --read-only", () => {
  it("has no tool that could change anything", async () => {
    const listed = (await surface(server, { readOnly: true })) as readonly Listed[];

    expect(listed).toHaveLength(11);
    for (const { annotations } of listed) expect(annotations["readOnlyHint"]).toBe(true);
  });
});

it("leaves out the tools the operator disables", async () => {
  const listed = (await surface(server, { options: { disableTools: ["delete_file"] } })) as readonly Listed[];

  expect(listed.map(({ name }) => name)).toEqual(names.filter((name) => name !== "delete_file"));
});

it("exports the server and its bin under the published version", () => {
  expect(Object.keys(index)).toEqual(["server"]);
  expect(server.version).toBe(packageJson.version);
  expect(packageJson.bin).toEqual({ "bothways-filesystem": "./dist/cli.mjs" });
  expect(packageJson.files).toEqual(["dist"]);
  expect(Object.keys(packageJson.exports)).toEqual([".", "./package.json"]);
});

it("lets only the safe-fs room touch the file system by path", () => {
  const source = new URL("../src/", import.meta.url);
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const allowed = /^(?:safe-fs\/|environment\.ts$)/;
  /** What works on descriptors alone. */
  const byDescriptor = new Set(["fstatSync", "read", "readSync", "BigIntStats"]);

  for (const file of files) {
    if (allowed.test(file)) continue;
    const text = readFileSync(new URL(file, source), "utf8");
    const imports = [...text.matchAll(/import (?:type )?(?:\{([^}]*)\}|\S+) from "node:fs(?:\/promises)?"/g)];
    const imported = imports.flatMap(([, list = "*"]) =>
      list.split(",").map((name) => name.replace("type", "").trim()),
    );
    expect([file, imported.filter((name) => name !== "" && !byDescriptor.has(name))]).toEqual([file, []]);
  }
});
