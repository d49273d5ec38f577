import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { options } from "../src/options.ts";
import { parseSavedQueries } from "../src/sql/saved-queries.ts";
import { tools } from "../src/tools/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it.each(tools.map((tool) => [tool.name, tool] as const))("shows arguments for %s that the tool takes", (name, tool) => {
  const row = readme.split("\n").find((line) => line.startsWith(`| \`${name}\``));
  const example: unknown = JSON.parse(/\| `(\{.*\})` \|$/.exec(row ?? "")?.[1] ?? "null");

  expect(tool.inputSchema.strict().safeParse(example).error?.issues ?? []).toEqual([]);
});

it("lists every flag", () => {
  const flags = Object.keys(options.shape).map(
    (key) => `\`--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );

  expect(flags.filter((flag) => !readme.includes(`| ${flag}`))).toEqual([]);
});

it("shows a file of saved queries that the server takes", () => {
  const yaml = /```yaml\n([^`]*)```/.exec(readme)?.[1] ?? "";
  const rules = { taken: new Set<string>(), databases: ["shop"], anyDatabase: false, maxSql: 1000 };

  expect(parseSavedQueries(yaml, rules).map(({ name }) => name)).toEqual(["top_customers"]);
});
