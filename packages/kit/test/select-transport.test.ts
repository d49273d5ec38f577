import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { KitError } from "../src/errors.ts";
import { createKitSchema } from "../src/options/kit-options.ts";
import { parseOptions } from "../src/options/parse-options.ts";
import { type StdinKind, selectTransport, type TransportSelection } from "../src/select-transport.ts";

interface Row {
  readonly rule: string;
  readonly given: string[];
  readonly result: string;
  readonly because: string[];
}

const rows = documentedRows(readFileSync(new URL("../../../docs/transports.md", import.meta.url), "utf8"));
const stdinKinds: Record<string, StdinKind> = {
  "stdin is a pipe": "pipe",
  "stdin is a socket": "socket",
  "stdin is a terminal": "terminal",
  "stdin is null": "other",
};

it("documents cases for each of the eight rules", () => {
  const rules = new Set(rows.map((row) => row.rule));

  expect([...rules]).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  expect(rows.length).toBeGreaterThanOrEqual(75);
});

it.each(rows.map((row) => [row.given.join(", "), row] as const))("decides as documented: %s", (_title, row) => {
  const decide = (): TransportSelection => decideFor(row.given);

  if (!row.result.startsWith("refused: ")) {
    expect(summary(decide())).toEqual({ result: row.result, because: row.because.join() });
    return;
  }
  const error = refusal(decide);
  expect(error.code).toBe(row.result.slice("refused: ".length));
  expect(error.exitCode).toBe(2);
  for (const name of row.because) expect(error.message).toContain(name);
});

it("warns about a port flag that stdio from the environment leaves without effect", () => {
  const selection = decideFor(["BOTHWAYS_TRANSPORT=stdio", "--port 3100", "stdin is a pipe"]);

  expect(selection.warnings).toEqual(["--port has no effect: BOTHWAYS_TRANSPORT chose stdio."]);
});

it("says once that HTTP+SSE is deprecated, and only for sse", () => {
  const sse = decideFor(["--transport sse", "stdin is null"]);
  const http = decideFor(["--transport http", "stdin is null"]);

  expect(sse.warnings).toEqual(["HTTP+SSE is deprecated since protocol revision 2025-03-26; prefer --transport http."]);
  expect(http.warnings).toEqual([]);
});

it("names what set the port", () => {
  const sources = [["--port 1"], ["BOTHWAYS_PORT=1"], ["PORT=1"], ['config {"port": 1}'], []].map((given) => {
    const selection = decideFor(["--http", ...given, "stdin is null"]);
    return selection.transport === "stdio" || selection.address.kind === "socket" ? "" : selection.address.source;
  });

  expect(sources).toEqual(["--port", "BOTHWAYS_PORT", "PORT", "kit.json: port", "default"]);
});

it("never leaves stdio for a variable that is not consulted while stdin is a pipe", () => {
  const name = fc.stringMatching(/^[A-Z_]{1,12}$/).filter((text) => !/^(BOTHWAYS_|MCP_TRANSPORT$)/.test(text));

  fc.assert(
    fc.property(fc.dictionary(name, fc.string()), fc.string(), (env, port) => {
      const selection = decide([], { ...env, PORT: port }, undefined, "pipe");

      expect(selection).toEqual({ transport: "stdio", because: "stdin is a pipe", warnings: [] });
    }),
  );
});

function decideFor(given: readonly string[]): TransportSelection {
  const argv = given.filter((item) => item.startsWith("--")).flatMap((item) => item.split(" "));
  const env = Object.fromEntries(
    given.filter((item) => /^[A-Z_]+=/.test(item)).map((item) => [item.split("=", 1)[0], item.replace(/^[^=]*=/, "")]),
  );
  const config = given.find((item) => item.startsWith("config "))?.slice("config ".length);
  const stdin = given.map((item) => stdinKinds[item]).find((kind) => kind !== undefined);
  if (!stdin) throw new Error(`No stdin in ${given.join(", ")}`);
  return decide(argv, env, config, stdin);
}

function decide(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  config: string | undefined,
  stdin: StdinKind,
): TransportSelection {
  const parsed = parseOptions({
    short: "demo",
    serverSchema: z.object({}),
    kitSchema: createKitSchema({ defaultPort: 3001 }),
    argv: config === undefined ? argv : [...argv, "--config", "kit.json"],
    env,
    readConfigFile: () => config ?? "",
  });
  if (parsed.kind !== "run") throw new Error(`Unexpected ${parsed.kind}`);
  return selectTransport({ kit: parsed.kit, sources: parsed.sources, env, stdin });
}

function summary(selection: TransportSelection): { result: string; because: string } {
  const { transport, because } = selection;
  if (selection.transport === "stdio") return { result: transport, because };
  const { address } = selection;
  const place = address.kind === "socket" ? `unix:${address.path}` : `${address.host}:${address.port}`;
  return { result: `${transport} ${place}`, because };
}

function refusal(action: () => unknown): KitError {
  try {
    action();
  } catch (error) {
    if (error instanceof KitError) return error;
    throw error;
  }
  throw new Error("Nothing was refused");
}

function documentedRows(markdown: string): Row[] {
  return markdown
    .split("\n")
    .filter((line) => /^\| \d/.test(line))
    .map((line) => {
      const [, rule = "", given = "", result = "", because = ""] = line.split("|").map((cell) => cell.trim());
      return { rule, given: ticked(given), result, because: ticked(because) };
    });
}

function ticked(cell: string): string[] {
  return [...cell.matchAll(/`([^`]*)`/g)].map(([, text = ""]) => text);
}
