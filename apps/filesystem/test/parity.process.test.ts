import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, it } from "vitest";

/** Our server or the published official one, each over its own copy of one tree. */
interface Side extends AsyncDisposable {
  readonly client: Client;
  /** Calls a tool with `$R` in the input replaced by the allowed directory, and the directory in the answer by `$R`. */
  call(name: string, input: object): Promise<{ isError: boolean; text: string; structured: unknown; raw: unknown }>;
  read(path: string): string;
}

const ours = new URL("../src/cli.ts", import.meta.url).pathname;
const official = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/server-filesystem/package.json")),
  "dist/index.js",
);

async function open(args: readonly string[]): Promise<Side> {
  const R = realpathSync(mkdtempSync(join(tmpdir(), "bothways-parity-")));
  layOut(R);
  const transport = new StdioClientTransport({ command: process.execPath, args: [...args, R], stderr: "ignore" });
  const client = new Client({ name: "parity", version: "1" });
  await client.connect(transport);
  return {
    client,
    read: (path) => readFileSync(join(R, path), "utf8"),
    async call(name, input) {
      const given: Record<string, unknown> = JSON.parse(JSON.stringify(input).replaceAll("$R", R));
      const result = await client.callTool({ name, arguments: given });
      const shown: typeof result = JSON.parse(JSON.stringify(result).replaceAll(R, "$R"));
      // Every tool of both servers answers with content blocks.
      const [block] = shown.content as { text?: string }[];
      return {
        isError: shown.isError === true,
        text: block?.text ?? "",
        structured: shown.structuredContent,
        raw: block,
      };
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      rmSync(R, { recursive: true, force: true });
    },
  };
}

function layOut(R: string): void {
  const files = {
    "a.txt": "line 1\nline 2\nline 3\n",
    "b.py": "print('b')\n",
    "d/c.py": "print('c')\n",
    "d/e/f.txt": "deep\n",
    "d/.hidden.py": "",
    "big.bin": "x".repeat(3_500_000),
    "p.png": "\x89PNG\r\n\x1a\n",
    "s.wav": "RIFF\0\0\0\0WAVE",
    "x.bin": "\0\u0001\u0002",
    "with `` ticks.md": "```\ncode\n```\n",
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(R, path)), { recursive: true });
    writeFileSync(join(R, path), content, "latin1");
    utimesSync(join(R, path), 1e9, 1e9);
  }
  mkdirSync(join(R, "empty"));
  for (const path of ["d/e", "d", "empty"]) utimesSync(join(R, path), 1e9, 1e9);
}

const png = { type: "image", data: "iVBORw0KGgo=", mimeType: "image/png" };

/** Two copies of a file were not made at the same time. */
function withoutTimes(text: string): string {
  return text.replaceAll(/^(created|accessed): .*/gm, "$1");
}

/** The fence and the changed lines of a diff: how much of its surroundings it shows is a matter of taste. */
function changesIn(diff: string): string[] {
  return diff.split("\n").filter((line) => /^(?:`+|[-+](?![-+]))/.test(line));
}

/** Calls whose first text is the same, byte by byte. */
const same: readonly (readonly [string, object])[] = [
  ["read_file", { path: "$R/a.txt" }],
  ["read_text_file", { path: "$R/a.txt" }],
  ["read_text_file", { path: "$R/a.txt", head: 2 }],
  ["read_text_file", { path: "$R/d/e/f.txt", head: 5 }],
  ["read_multiple_files", { paths: ["$R/a.txt", "$R/d/e/f.txt"] }],
  ["write_file", { path: "$R/new.txt", content: "new" }],
  ["write_file", { path: "$R/a.txt", content: "replaced\nagain\n" }],
  ["create_directory", { path: "$R/n/m" }],
  ["create_directory", { path: "$R/d" }],
  ["list_directory_with_sizes", { path: "$R/d/e" }],
  ["list_directory_with_sizes", { path: "$R", sortBy: "size" }],
  ["directory_tree", { path: "$R/d/e" }],
  ["directory_tree", { path: "$R/empty" }],
  ["move_file", { source: "$R/new.txt", destination: "$R/d/moved.txt" }],
  ["search_files", { path: "$R", pattern: "*.py" }],
  ["search_files", { path: "$R", pattern: "none*" }],
  ["list_allowed_directories", {}],
];

/** Calls whose lines are the same; the official server gives them in the order of the disk. */
const sameLines: readonly (readonly [string, object])[] = [
  ["list_directory", { path: "$R" }],
  ["list_directory", { path: "$R/d" }],
  ["list_directory_with_sizes", { path: "$R" }],
  ["search_files", { path: "$R", pattern: "**/*.py" }],
  ["search_files", { path: "$R", pattern: "**/*.py", excludePatterns: ["d/**"] }],
  ["search_files", { path: "$R", pattern: "**" }],
];

it("has every tool of the official server, with its required inputs and more", async () => {
  await using mine = await open(["-C", "@bothways/source", ours]);
  await using theirs = await open([official]);

  const [own, published] = await Promise.all([mine.client.listTools(), theirs.client.listTools()]);

  expect(published.tools).toHaveLength(14);
  for (const tool of published.tools) {
    const match = own.tools.find(({ name }) => name === tool.name);
    expect(match).toMatchObject({ name: tool.name });
    const inputs = Object.keys(match?.inputSchema.properties ?? {});
    expect(inputs).toEqual(expect.arrayContaining(Object.keys(tool.inputSchema.properties ?? {})));
    // What the official server requires may be optional here, never the other way round.
    expect(tool.inputSchema.required ?? []).toEqual(expect.arrayContaining(match?.inputSchema.required ?? []));
    expect(match?.annotations?.readOnlyHint).toBe(tool.annotations?.readOnlyHint);
    expect(Object.keys(match?.outputSchema?.properties ?? {})).toContain("content");
  }
});

it("answers the same calls with the same text", async () => {
  await using mine = await open(["-C", "@bothways/source", ours]);
  await using theirs = await open([official]);

  for (const [name, input] of same) {
    const [own, published] = [await mine.call(name, input), await theirs.call(name, input)];
    expect([name, input, own.isError, own.text]).toEqual([name, input, published.isError, published.text]);
    expect(own.structured).toMatchObject({ content: own.text });
  }
  for (const [name, input] of sameLines) {
    const [own, published] = [await mine.call(name, input), await theirs.call(name, input)];
    expect([name, own.text.split("\n").toSorted()]).toEqual([name, published.text.split("\n").toSorted()]);
  }
});

it("edits to the same content, shown as the same kind of diff", async () => {
  await using mine = await open(["-C", "@bothways/source", ours]);
  await using theirs = await open([official]);
  const edits = [
    ["a.txt", [{ oldText: "line 2", newText: "LINE two" }]],
    [
      "a.txt",
      [
        { oldText: "line 1\n", newText: "" },
        { oldText: "line 3", newText: "$& $1" },
      ],
    ],
    ["d/c.py", [{ oldText: "  print('c')  ", newText: "print('d')" }]],
    ["with `` ticks.md", [{ oldText: "code", newText: "more code" }]],
  ] as const;

  for (const [path, list] of edits) {
    const input = { path: `$R/${path}`, edits: list };
    const [dry, published] = [
      await mine.call("edit_file", { ...input, dryRun: true }),
      await theirs.call("edit_file", input),
    ];
    expect(changesIn(dry.text)).toEqual(changesIn(published.text));
    const own = await mine.call("edit_file", input);
    expect(own.text).toBe(dry.text);
    expect(mine.read(path)).toBe(theirs.read(path));
  }
});

it("gives media as the same blocks", async () => {
  await using mine = await open(["-C", "@bothways/source", ours]);
  await using theirs = await open([official]);

  for (const path of ["$R/p.png", "$R/s.wav", "$R/x.bin"]) {
    const [own, published] = [
      await mine.call("read_media_file", { path }),
      await theirs.call("read_media_file", { path }),
    ];
    expect(own.raw).toEqual(published.raw);
    expect(own.structured).toMatchObject({ content: [own.raw] });
  }
  expect((await mine.call("read_media_file", { path: "$R/p.png" })).raw).toEqual(png);
});

it("describes a file with the official lines first", async () => {
  await using mine = await open(["-C", "@bothways/source", ours]);
  await using theirs = await open([official]);

  for (const path of ["$R/a.txt", "$R/d"]) {
    const own = withoutTimes((await mine.call("get_file_info", { path })).text);
    const published = withoutTimes((await theirs.call("get_file_info", { path })).text);
    // The size of a directory is the volume's own business and differs between copies.
    expect(own.replace(/^size: .*/, "").startsWith(published.replace(/^size: .*/, ""))).toBe(true);
  }
});

it("fails where the official server fails", async () => {
  await using mine = await open(["-C", "@bothways/source", ours]);
  await using theirs = await open([official]);

  for (const [name, input] of [
    ["read_text_file", { path: "$R/none" }],
    ["read_text_file", { path: "/etc/passwd" }],
    ["read_text_file", { path: "$R/../x" }],
    ["read_text_file", { path: "$R/a.txt", head: 1, tail: 1 }],
    ["list_directory", { path: "$R/a.txt" }],
    ["move_file", { source: "$R/a.txt", destination: "$R/b.py" }],
    ["move_file", { source: "$R/d", destination: "$R/empty" }],
    ["write_file", { path: "$R/no/parent.txt", content: "" }],
    ["create_directory", { path: "$R/a.txt" }],
  ] as const) {
    const [own, published] = [await mine.call(name, input), await theirs.call(name, input)];
    expect([name, input, own.isError]).toEqual([name, input, published.isError]);
    expect(own.isError).toBe(true);
    expect(own.text.includes("path outside allowed directories")).toBe(
      published.text.includes("outside allowed directories"),
    );
  }
});
