import { expect, it } from "vitest";
import { z } from "zod";
import type { KitOptions } from "../src/options/kit-options.ts";
import { option } from "../src/options/option.ts";
import { parseOptions } from "../src/options/parse-options.ts";
import { demoSchema, type Env, inputFor, type Run, run, runWith } from "./options-fixture.ts";

it("gives every option its default when nobody says anything", () => {
  const { kit, server, sources, warnings } = run([]);

  expect(kit).toEqual({
    transport: "auto",
    host: "127.0.0.1",
    port: 3001,
    path: "/mcp",
    interactive: true,
    allowedHosts: [],
    allowedOrigins: [],
    auth: "none",
    allowUnauthenticated: false,
    readOnly: false,
    maxBody: 1_048_576,
    sessions: "sessions",
    maxSessions: 1000,
    sessionIdle: 1_800_000,
    sessionMaxAge: 86_400_000,
    keepalive: 15_000,
    shutdownTimeout: 10_000,
    validateOutput: false,
    logLevel: "info",
    logFormat: "text",
    explain: false,
    help: false,
    version: false,
  });
  expect(server).toMatchObject({ dirs: [], offset: 0, engine: "safe", maxRead: 65_536, patience: 1000 });
  expect(sources.get("port")).toEqual({ kind: "default", name: "default" });
  expect(warnings).toEqual([]);
});

it.each([
  { argv: ["--port", "1"], env: { BOTHWAYS_PORT: "2" }, file: { port: 3 }, port: 1, from: "--port" },
  { argv: ["--port=1"], env: {}, file: { port: 3 }, port: 1, from: "--port" },
  { argv: [], env: { BOTHWAYS_PORT: "2" }, file: { port: 3 }, port: 2, from: "BOTHWAYS_PORT" },
  { argv: [], env: { BOTHWAYS_PORT: "" }, file: { port: 3 }, port: 3, from: "kit.json: port" },
  { argv: [], env: {}, file: { port: "3" }, port: 3, from: "kit.json: port" },
  { argv: [], env: {}, file: {}, port: 3001, from: "default" },
])("takes the port from $from", ({ argv, env, file, port, from }) => {
  const { kit, sources } = run([...argv, "--config", "kit.json"], env, file);

  expect(kit.port).toBe(port);
  expect(sources.get("port")?.name).toBe(from);
});

it.each<[string[], Env, Partial<KitOptions>]>([
  [["--transport", "streamable-http"], {}, { transport: "http" }],
  [["--stdio"], {}, { transport: "stdio" }],
  [["--http"], {}, { transport: "http" }],
  [["--no-interactive"], {}, { interactive: false }],
  [["--interactive"], { BOTHWAYS_INTERACTIVE: "0" }, { interactive: true }],
  [["--read-only=false"], { BOTHWAYS_READ_ONLY: "yes" }, { readOnly: false }],
  [[], { BOTHWAYS_READ_ONLY: "YES" }, { readOnly: true }],
  [[], { BOTHWAYS_READ_ONLY: "1", BOTHWAYS_DEMO_READ_ONLY: "no" }, { readOnly: false }],
  [[], { BOTHWAYS_DEMO_READ_ONLY: "true" }, { readOnly: true }],
  [["--keepalive", "500ms", "--session-idle", "2h"], {}, { keepalive: 500, sessionIdle: 7_200_000 }],
  [["--max-body", "64kb"], {}, { maxBody: 65_536 }],
  [["--host", "[::1]"], {}, { host: "::1" }],
  [
    ["--allowed-hosts", "A.example,b.example", "--allowed-hosts=::1"],
    {},
    { allowedHosts: ["a.example", "b.example", "[::1]"] },
  ],
  [["--allowed-origins", "https://App.example:443/"], {}, { allowedOrigins: ["https://app.example"] }],
  [["--allowed-origins", "vscode-webview://Panel"], {}, { allowedOrigins: ["vscode-webview://Panel"] }],
  [["--public-url", "HTTPS://Mcp.Example"], {}, { publicUrl: "https://mcp.example" }],
  [["--public-url", "https://mcp.example/a/mcp"], {}, { publicUrl: "https://mcp.example/a/mcp" }],
  [["--path", "/a/b"], {}, { path: "/a/b" }],
  [["--path", "/"], {}, { path: "/" }],
  [["--socket", "./mcp.sock"], {}, { socket: "./mcp.sock" }],
  [["--allow-unauthenticated"], {}, { allowUnauthenticated: true }],
])("reads kit options: %j %j", (argv, env, expected) => {
  expect(run(argv, env).kit).toMatchObject(expected);
});

it.each<[string[], Env, Partial<Run<typeof demoSchema>["server"]>]>([
  [["a.db"], {}, { file: "a.db" }],
  [["--file", "a.db"], {}, { file: "a.db" }],
  [["--", "--port"], {}, { file: "--port" }],
  [["-"], {}, { file: "-" }],
  [["--dir", "a", "-d", "b", "-d=c,d"], {}, { dirs: ["a", "b", "c,d"] }],
  [[], { BOTHWAYS_DEMO_DIR: "/a:/b,c:" }, { dirs: ["/a", "/b,c"] }],
  [["--deny", "*.{a,b}"], {}, { deny: ["*.{a,b}"] }],
  [[], { BOTHWAYS_DEMO_DENY: "*.{pem,key}, .env" }, { deny: ["*.{pem,key}", ".env"] }],
  [["--tools", "a,b", "--tools=c"], {}, { tools: ["a", "b", "c"] }],
  [["--offset", "-3"], {}, { offset: -3 }],
  [["--offset=-0.5"], {}, { offset: -0.5 }],
  [["--label=abc", "--engine=fast"], {}, { label: "abc", engine: "fast" }],
  [["--max-read", "1MiB"], {}, { maxRead: 1_048_576 }],
  [["--patience", "15"], {}, { patience: 15_000 }],
  [["--read-write"], {}, { readWrite: true }],
  [["--read-write", "a.db"], {}, { readWrite: true, file: "a.db" }],
  [[], { BOTHWAYS_DEMO_PASSWORD: "correct horse" }, { password: "correct horse" }],
])("reads server options: %j %j", (argv, env, expected) => {
  expect(run(argv, env).server).toMatchObject(expected);
});

it("hands secrets on for redaction, whatever they came from", () => {
  expect(run([], { BOTHWAYS_DEMO_PASSWORD: "correct horse" }).secrets).toEqual(["correct horse"]);
  expect(run(["--config", "kit.json"], {}, { password: "battery staple" }).secrets).toEqual(["battery staple"]);
});

it("hands on what the schema took, so that serve can read it again", () => {
  const schema = z.object({
    pair: option(
      z.string().transform((text) => text.split("=")),
      { describe: "A pair" },
    ),
  });

  const parsed = runWith(schema, ["--pair", "a=b"]);

  expect(parsed.server).toEqual({ pair: ["a", "b"] });
  expect(parsed.serverInput).toEqual({ pair: "a=b" });
});

it.each([
  [["--help"], "help"],
  [["-h"], "help"],
  [["--version"], "version"],
  [["-v"], "version"],
  [["--prot", "--help"], "help"],
  [["--port", "many", "--version"], "version"],
  [["--", "--help"], "run"],
])("answers %j with %s, also beside a mistake", (argv, kind) => {
  expect(parseOptions(inputFor(demoSchema, argv)).kind).toBe(kind);
});

it.each<[Env, string[]]>([
  [{ BOTHWAYS_PROT: "1" }, ["BOTHWAYS_PROT is ignored: no such variable; did you mean BOTHWAYS_PORT?"]],
  [{ BOTHWAYS_SOMETHING_ELSE: "1" }, ["BOTHWAYS_SOMETHING_ELSE is ignored: no such variable."]],
  [{ BOTHWAYS_DEMO_FIEL: "a" }, ["BOTHWAYS_DEMO_FIEL is ignored: no such variable; did you mean BOTHWAYS_DEMO_FILE?"]],
  [
    { BOTHWAYS_ALLOW_UNAUTHENTICATED: "1" },
    ["BOTHWAYS_ALLOW_UNAUTHENTICATED is ignored: --allow-unauthenticated is accepted as a flag only."],
  ],
  [{ BOTHWAYS_PROT: "" }, []],
  [{ BOTHWAYS_TOKEN: "t", BOTHWAYS_STATE_KEY: "k", BOTHWAYS_TRANSPORT: "stdio", BOTHWAYS_DEMO_TOKEN: "t" }, []],
  [{ BOTHWAYS_FS_X: "1", BOTHWAYS_GIT_X: "1", BOTHWAYS_SQLITE_X: "1", BOTHWAYS_ANALYTICS_X: "1" }, []],
  [{ bothways_prot: "1", PORT: "x", MCP_SERVER: "y" }, []],
])("warns about variables that nothing reads, and only about those: %j", (env, warnings) => {
  expect(run([], env).warnings).toEqual(warnings);
});

it("warns about a variable of its own prefix that nothing reads, also when its prefix is a sibling's", () => {
  const parsed = parseOptions({
    ...inputFor(demoSchema, [], { BOTHWAYS_FS_DENI: "x", BOTHWAYS_GIT_DENI: "x" }),
    short: "fs",
  });

  expect(parsed).toMatchObject({
    warnings: ["BOTHWAYS_FS_DENI is ignored: no such variable; did you mean BOTHWAYS_FS_DENY?"],
  });
});

it("warns at every start that overrides a safety rule", () => {
  expect(run(["--allow-unauthenticated"]).warnings).toEqual([
    "--allow-unauthenticated: everyone who can reach the address may call every tool.",
  ]);
  expect(run(["--no-allow-unauthenticated"]).warnings).toEqual([]);
});

it("does not read a variable that a flag wins over", () => {
  expect(run(["--port", "1"], { BOTHWAYS_PORT: "many" }).kit.port).toBe(1);
});

it("gives an option that kit and server both declare to both, whichever variable says it", () => {
  const schema = z.object({ readOnly: option(z.boolean().default(false), { describe: "No writing" }) });

  for (const [argv, env] of [
    [["--read-only"], {}],
    [[], { BOTHWAYS_DEMO_READ_ONLY: "1" }],
    [[], { BOTHWAYS_READ_ONLY: "1" }],
  ] as const) {
    const parsed = runWith(schema, argv, env);

    expect([parsed.kit.readOnly, parsed.server.readOnly]).toEqual([true, true]);
  }
});

it.each<[string, z.ZodObject]>([
  ["option() is missing", z.object({ a: z.string() })],
  ["two options share a flag", z.object({ a: option(z.string(), { flag: "port", describe: "A" }) })],
  [
    "two options are positional",
    z.object({
      a: option(z.string(), { positional: true, describe: "A" }),
      b: option(z.string(), { positional: true, describe: "B" }),
    }),
  ],
  ["text cannot fill the schema", z.object({ a: option(z.object({}), { describe: "A" }) })],
  ["a kit option changes its kind", z.object({ readOnly: option(z.string(), { describe: "A" }) })],
])("refuses a definition where %s", (_title, schema) => {
  expect(() => runWith(schema, [])).toThrow(expect.objectContaining({ code: "ERR_DEFINITION_INVALID" }));
});
