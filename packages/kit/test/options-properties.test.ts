import * as fc from "fast-check";
import { expect, it } from "vitest";
import { KitError } from "../src/errors.ts";
import { nearest } from "../src/options/nearest.ts";
import { type ParsedOptions, parseOptions } from "../src/options/parse-options.ts";
import { quote } from "../src/options/quote.ts";
import { demoSchema, type Env, inputFor, run } from "./options-fixture.ts";

const words = [
  "--port",
  "--port=",
  "--prot",
  "--no-port",
  "--stdio",
  "--transport",
  "--read-write",
  "--no-read-write",
  "--password",
  "--config",
  "--dir",
  "-d",
  "--",
  "-",
  "",
  "80",
  "-1",
  "http",
  "a.db",
  "10s",
  "1mib",
  "--__proto__",
  "--constructor=1",
  "__proto__",
];
const token = fc.oneof(
  fc.constantFrom(...words),
  fc.string(),
  fc.string().map((text) => `--${text}`),
);
const argvs = fc.array(token, { maxLength: 8 });
const variables = fc.dictionary(
  fc.constantFrom("BOTHWAYS_PORT", "BOTHWAYS_DEMO_DIR", "BOTHWAYS_CONFIG", "MCP_TRANSPORT", "BOTHWAYS_X", "__proto__"),
  fc.oneof(fc.constantFrom("80", "stdio", "", "kit.json"), fc.string()),
);

it("ends every command line in options or in one sentence with exit code 2", () => {
  fc.assert(
    fc.property(argvs, variables, fc.oneof(fc.json(), fc.string()), (argv, env, file) => {
      const result = outcome(argv, env, file);

      if (!(result instanceof KitError)) return;
      expect(result.exitCode).toBe(2);
      // One line of printable text, whatever was typed.
      expect(result.message).toMatch(/^[^\p{Cc}\u2028\u2029]+[.?]$/u);
      expect(result.message.length).toBeLessThan(800);
    }),
    { numRuns: 500 },
  );
});

it("says the same twice", () => {
  fc.assert(
    fc.property(argvs, variables, (argv, env) => {
      expect(outcome(argv, env, "{}")).toEqual(outcome(argv, env, "{}"));
    }),
  );
});

it("takes each option from the strongest source that has it, independently of the others", () => {
  const options = ["maxSessions", "port"] as const;
  const layers = fc.record({
    flag: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
    env: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
    file: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
  });
  const flags = { maxSessions: "max-sessions", port: "port" };
  const envs = { maxSessions: "BOTHWAYS_MAX_SESSIONS", port: "BOTHWAYS_PORT" };
  const defaults = { maxSessions: 1000, port: 3001 };

  fc.assert(
    fc.property(fc.record({ maxSessions: layers, port: layers }), (given) => {
      const argv = options.flatMap((key) =>
        given[key].flag === undefined ? [] : [`--${flags[key]}=${given[key].flag}`],
      );
      const env = Object.fromEntries(options.map((key) => [envs[key], given[key].env?.toString()]));
      const file = Object.fromEntries(
        options.flatMap((key) => (given[key].file === undefined ? [] : [[key, given[key].file]])),
      );

      const { kit } = run([...argv, "--config", "kit.json"], env, file);

      for (const key of options) {
        expect(kit[key]).toBe(given[key].flag ?? given[key].env ?? given[key].file ?? defaults[key]);
      }
    }),
  );
});

it("never shows a secret, wherever it is given and whatever else is wrong", () => {
  const secret = fc.stringMatching(/^[a-z]{12,20}$/).map((text) => `SECRET${text}`);

  fc.assert(
    fc.property(secret, argvs, fc.boolean(), (value, argv, inFile) => {
      const env = { BOTHWAYS_CONFIG: "kit.json", ...(!inFile && { BOTHWAYS_DEMO_PASSWORD: value }) };
      const result = outcome(argv, env, JSON.stringify(inFile ? { password: value } : {}));

      expect(result instanceof KitError ? result.message : JSON.stringify(warningsOf(result))).not.toContain(value);
    }),
  );
});

it("suggests a flag for every slip of one key", () => {
  const flags = ["--port", "--transport", "--max-body", "--session-idle", "--read-write"];
  const slip = fc.record({
    flag: fc.constantFrom(...flags),
    at: fc.nat(),
    kind: fc.constantFrom("drop", "double", "swap", "other"),
  });

  fc.assert(
    fc.property(slip, ({ flag, at, kind }) => {
      const index = 2 + (at % (flag.length - 3));
      const [head, here, next, tail] = [
        flag.slice(0, index),
        flag.charAt(index),
        flag.charAt(index + 1),
        flag.slice(index + 2),
      ];
      const typed = {
        drop: `${head}${next}${tail}`,
        double: `${head}${here}${here}${next}${tail}`,
        swap: `${head}${next}${here}${tail}`,
        other: `${head}q${next}${tail}`,
      };

      expect(nearest(typed[kind], flags)).toBe(flag);
    }),
  );
});

it.each([
  ["port", "--prot", ["--port", "--path"], "--port"],
  ["three edits", "--abcdefg", ["--abcd"], "--abcd"],
  ["three swaps of neighbours", "--badcfe", ["--abcdef"], "--abcdef"],
  ["four edits", "--abcdefgh", ["--abcd"], undefined],
  ["nothing in common", "--xyz", ["--abc"], undefined],
  ["the first of equals", "--cat", ["--car", "--can"], "--car"],
  ["a very long name", `--${"x".repeat(100_000)}`, ["--port"], undefined],
])("stops suggesting beyond distance 3: %s", (_title, typed, flags, meant) => {
  expect(nearest(typed, flags)).toBe(meant);
});

const nasty = fc.constantFrom(
  ...Array.from('a"\\\n\0\u001b\u007f\u0085\u2028\u2029\u202e\u200f\ud800\udc00é€'),
  "😀",
  "://u:p@",
  "\\u0000",
);

it("quotes at most 100 characters on one line", () => {
  fc.assert(
    fc.property(fc.string({ unit: nasty, maxLength: 150 }), (text) => {
      const quoted = quote(text);

      expect(quoted).toMatch(/^"[^\p{Cc}\u2028\u2029\u202a-\u202e]*"$/u);
      expect(quoted.replace(/\\u[0-9a-f]{4}|\\./g, "x").length).toBeLessThanOrEqual(102);
    }),
  );
});

function outcome(argv: readonly string[], env: Env, file: string): ParsedOptions<typeof demoSchema> | KitError {
  try {
    return parseOptions(inputFor(demoSchema, argv, env, file));
  } catch (error) {
    if (error instanceof KitError) return error;
    throw error;
  }
}

function warningsOf(result: ParsedOptions<typeof demoSchema>): readonly string[] {
  return result.kind === "run" ? result.warnings : [];
}
