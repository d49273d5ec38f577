import { afterAll, expect, it } from "vitest";
import { HouseCopy } from "./house-copy.ts";

interface Violation {
  readonly file: string;
  readonly code: string;
  readonly rule: string;
}

const imports = "eslint(no-restricted-imports)";
const globals = "eslint(no-restricted-globals)";

/** Each rule of docs/architecture.md, broken on purpose; every file stands alone. */
const violations: readonly Violation[] = [
  ...[
    `export const a = process.argv;`,
    `export const a = globalThis.process.argv;`,
    `import { argv } from "node:process"; export const a = argv;`,
    `export * from "node:http";`,
    `import { connect } from "node:net"; export const a = connect;`,
    `export const a = await import("node:tls");`,
    `import { spawn } from "node:child_process"; export const a = spawn;`,
    `import type { Server } from "@modelcontextprotocol/server"; export type A = Server;`,
    `import { server } from "@bothways/server-filesystem"; export const a = server;`,
    `import { server } from "../../../filesystem/src/server.ts"; export const a = server;`,
    `import "../cli.ts";`,
    `export * from "../index.ts";`,
    `import { server } from "../server.ts"; export const a = server;`,
  ].map((code, index) => violation(`apps/sqlite/src/tools/tool-${index}.ts`, code)),
  ...[
    `export const a = process.env;`,
    `import { createServer } from "node:http"; export const a = createServer;`,
    `import { a } from "../tools/tool-0.ts"; export const b = a;`,
    `import { server } from "../server.ts"; export const a = server;`,
    `export * from "../index.ts";`,
    `import "../cli.ts";`,
    `export * from "@bothways/server-git";`,
  ].map((code, index) => violation(`apps/sqlite/src/engine/engine-${index}.ts`, code)),
  violation("apps/sqlite/src/engine/jobs/job.ts", `import { a } from "../../tools/tool-0.ts"; export const b = a;`),
  violation(
    "apps/sqlite/src/engine/jobs/deep.ts",
    `import { server } from "../../server.ts"; export const a = server;`,
  ),
  violation("apps/sqlite/src/server.ts", `import { connect } from "node:net"; export const server = connect;`),
  violation("apps/sqlite/src/options.ts", `export const options = process.argv;`),
  violation("apps/sqlite/src/other.ts", `export * from "@bothways/server-filesystem";`),
  ...[
    `import { server } from "@bothways/server-sqlite"; export const a = server;`,
    `export * from "bothways";`,
    `export * from "../../../apps/sqlite/src/server.ts";`,
    `import { createServer } from "node:http"; export const a = createServer;`,
    `export const a = process.version;`,
    `import type { Server } from "@modelcontextprotocol/sdk/server/index.js"; export type A = Server;`,
  ].map((code, index) => violation(`packages/kit/src/kit-${index}.ts`, code)),
  ...[
    `import process from "node:process"; export const a = process;`,
    `export const a = process.pid;`,
    `export * from "../run.ts";`,
    `export * from "../serve.ts";`,
    `export * from "../select-transport.ts";`,
    `export * from "../options/kit-options.ts";`,
    `export * from "@bothways/server-sqlite";`,
  ].map((code, index) => violation(`packages/kit/src/http/http-${index}.ts`, code)),
  violation("packages/kit/src/stdio/stdio.ts", `export * from "../serve.ts";`),
  violation("packages/kit/src/stdio/reader.ts", `import { argv } from "node:process"; export const a = argv;`),
  violation("packages/kit/src/options/options.ts", `export * from "../serve.ts";`),
  violation("packages/kit/src/observe/observe.ts", `export * from "../http/host.ts";`),
  violation("packages/kit/src/errors.ts", `export * from "./run.ts";`),
  violation("packages/kit/src/circle.ts", `export * from "./circle-other.ts";`, "import(no-cycle)"),
  violation("packages/kit/src/circle-other.ts", `export * from "./circle.ts";`, "import(no-cycle)"),
  violation(
    "packages/kit/src/asks.ts",
    `export const ask = (mcp: { elicitInput(): void }): void => mcp.elicitInput();`,
    "eslint(no-restricted-properties)",
  ),
  violation("packages/kit/src/any.ts", `export const a = (b: any): unknown => b;`, "typescript(no-explicit-any)"),
  violation(
    "packages/kit/src/bang.ts",
    `export const a = (b?: string): string => b!;`,
    "typescript(no-non-null-assertion)",
  ),
  violation(
    "packages/kit/src/long.ts",
    Array.from({ length: 301 }, (_, line) => `export const a${line} = ${line};\n`).join(""),
    "eslint(max-lines)",
  ),
  violation(
    "apps/sqlite/src/tools/long.ts",
    Array.from({ length: 121 }, (_, line) => `export const a${line} = ${line};\n`).join(""),
    "eslint(max-lines)",
  ),
  violation("packages/kit/src/CamelCase.ts", `export const a = 1;`, "unicorn(filename-case)"),
  violation("packages/kit/src/default.ts", `export default 1;`, "import(no-default-export)"),
  violation(
    "packages/kit/test/only.test.ts",
    `import { expect, it } from "vitest";\nit.only("one", () => { expect(1).toBe(1); });`,
    "vitest(no-focused-tests)",
  ),
  violation(
    "packages/kit/test/skip.test.ts",
    `import { expect, it } from "vitest";\nit.skip("one", () => { expect(1).toBe(1); });`,
    "vitest(no-disabled-tests)",
  ),
];

/** What the rules leave alone: each import in the room it belongs to. */
const allowed: readonly (readonly [file: string, code: string])[] = [
  ["packages/kit/src/run.ts", `export const a = process.argv;`],
  ["packages/kit/src/preflight.ts", `export const a = process.version;`],
  ["packages/kit/src/stdio/guard.ts", `export const a = process.stdout;`],
  ["packages/kit/src/http/listener.ts", `import { createServer } from "node:http"; export const a = createServer;`],
  ["packages/kit/src/http/sockets.ts", `import type { Socket } from "node:net"; export type A = Socket;`],
  ["apps/sqlite/src/environment.ts", `export const a = process.env;`],
  ["apps/sqlite/src/engine/query-entry.ts", `export const a = process.pid;`],
  ["apps/sqlite/src/engine/port.ts", `import { fork } from "node:child_process"; export const a = fork;`],
  ["apps/sqlite/src/tools/fine.ts", `import { z } from "zod"; export * from "../engine/port.ts"; export const a = z;`],
];

function violation(file: string, code: string, rule?: string): Violation {
  return { file, code, rule: rule ?? (/\bprocess\./.test(code) ? globals : imports) };
}

interface Diagnostic {
  readonly filename: string;
  readonly code: string;
}

const house = new HouseCopy([".oxlintrc.json", "tsconfig.base.json"]);
house.write("tsconfig.json", JSON.stringify({ extends: "./tsconfig.base.json", compilerOptions: { types: [] } }));
for (const { file, code } of violations) house.write(file, `${code}\n`);
for (const [file, code] of allowed) house.write(file, `${code}\n`);
const { stdout } = house.run("oxlint --type-aware --deny-warnings --format json packages apps");
// The linter's own format; a change of it leaves no diagnostics and fails every case.
const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] };
afterAll(() => house[Symbol.dispose]());

const rulesBroken = (file: string): string[] =>
  diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code);

it.each(violations.map(({ file, code, rule }) => [file, code.split("\n")[0], rule]))(
  "refuses in %s: %s",
  (file, _code, rule) => {
    expect(rulesBroken(file)).toContain(rule);
  },
);

it.each(allowed)("accepts in %s: %s", (file) => {
  expect(rulesBroken(file).filter((rule) => rule === imports || rule === globals)).toEqual([]);
});
