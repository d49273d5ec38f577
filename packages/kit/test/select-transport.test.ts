import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { type StdinKind, selectTransport, type TransportSelection } from "../src/select-transport.ts";
import { refusalOf, runWith } from "./options-fixture.ts";

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

it.each(rows.filter(isDecided).map(titled))("decides as documented: %s", (_title, row) => {
  expect(summary(decideFor(row.given))).toEqual({ result: row.result, because: row.because.join() });
});

it.each(rows.filter((row) => !isDecided(row)).map(titled))("refuses as documented: %s", (_title, row) => {
  const { code, message } = refusalOf(() => decideFor(row.given));

  expect(`refused: ${code}`).toBe(row.result);
  expect(row.because.filter((name) => !message.includes(name))).toEqual([]);
});

it("warns about a port flag that stdio from the environment leaves without effect", () => {
  const selection = decideFor(["BOTHWAYS_TRANSPORT=stdio", "--port 3100", "stdin is a pipe"]);

  expect(selection.warnings).toEqual(["--port has no effect: BOTHWAYS_TRANSPORT chose stdio."]);
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
  const flags = config === undefined ? argv : [...argv, "--config", "kit.json"];
  const { kit, sources } = runWith(z.object({}), flags, env, config);
  return selectTransport({ kit, sources, env, stdin });
}

function summary(selection: TransportSelection): { result: string; because: string } {
  const { transport, because } = selection;
  if (selection.transport === "stdio") return { result: transport, because };
  const { address } = selection;
  const place = address.kind === "socket" ? `unix:${address.path}` : `${address.host}:${address.port}`;
  return { result: `${transport} ${place}`, because };
}

function isDecided(row: Row): boolean {
  return !row.result.startsWith("refused");
}

function titled(row: Row): [string, Row] {
  return [row.given.join(", "), row];
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
