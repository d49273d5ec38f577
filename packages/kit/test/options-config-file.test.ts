import { expect, it } from "vitest";
import { KitError } from "../src/errors.ts";
import { parseOptions } from "../src/options/parse-options.ts";
import { demoSchema, inputFor, refusalOf, run } from "./options-fixture.ts";

const withFile = ["--config", "/etc/typo.json"];

it.each([
  [{ maxBody: 2048 }, { maxBody: 2048 }],
  [{ "max-body": "2kb" }, { maxBody: 2048 }],
  [
    { port: 3100, readOnly: true },
    { port: 3100, readOnly: true },
  ],
  [
    { port: "3100", "read-only": "yes" },
    { port: 3100, readOnly: true },
  ],
  [{ readOnly: 1 }, { readOnly: true }],
  [{ allowedHosts: ["a.example", "B.example"] }, { allowedHosts: ["a.example", "b.example"] }],
  [{ "allowed-hosts": "a.example, b.example" }, { allowedHosts: ["a.example", "b.example"] }],
  [
    { keepalive: "10s", sessionIdle: "5ms" },
    { keepalive: 10_000, sessionIdle: 5 },
  ],
  [{ transport: "streamable-http" }, { transport: "http" }],
  [{ $schema: "./config.schema.json", port: 1 }, { port: 1 }],
])("reads kit options in either spelling, native or as text: %j", (file, expected) => {
  expect(run(withFile, {}, file).kit).toMatchObject(expected);
});

it.each([
  [{ file: "a.db" }, { file: "a.db" }],
  [{ dirs: ["/a", "/b"] }, { dirs: ["/a", "/b"] }],
  [{ dir: "/a,b" }, { dirs: ["/a,b"] }],
  [{ tools: "a,b" }, { tools: ["a", "b"] }],
  [{ offset: -2.5 }, { offset: -2.5 }],
  [{ patience: 15 }, { patience: 15_000 }],
  [{ password: "correct horse" }, { password: "correct horse" }],
])("reads the server's options beside the kit's: %j", (file, expected) => {
  expect(run(withFile, {}, file).server).toMatchObject(expected);
});

it("is found through BOTHWAYS_CONFIG, and --config wins over it", () => {
  expect(pathsRead([])).toEqual(["/env.json"]);
  expect(pathsRead(["--config=/flag.json"])).toEqual(["/flag.json"]);
});

it("is not looked for when nobody names one", () => {
  expect(parseOptions({ ...inputFor(demoSchema, []), readConfigFile: fails }).kind).toBe("run");
});

it.each([
  [{ prot: 1 }, "ERR_OPTION_UNKNOWN", "/etc/typo.json: prot is not an option; did you mean port?"],
  [{ zzzzzzzz: 1 }, "ERR_OPTION_UNKNOWN", "/etc/typo.json: zzzzzzzz is not an option; --help lists all options."],
  [{ "a b": 1 }, "ERR_OPTION_UNKNOWN", '/etc/typo.json: "a b" is not an option; --help lists all options.'],
  [
    '{"__proto__": {"port": 1}}',
    "ERR_OPTION_UNKNOWN",
    "/etc/typo.json: __proto__ is not an option; --help lists all options.",
  ],
  [{ constructor: 1 }, "ERR_OPTION_UNKNOWN", "/etc/typo.json: constructor is not an option; --help lists all options."],
  [
    { port: "many" },
    "ERR_OPTION_INVALID",
    '/etc/typo.json: port: expected a whole number from 0 to 65535; got "many".',
  ],
  [{ port: null }, "ERR_OPTION_INVALID", "/etc/typo.json: port: expected a whole number from 0 to 65535; got null."],
  [{ port: [1] }, "ERR_OPTION_INVALID", "/etc/typo.json: port: expected a whole number from 0 to 65535; got [1]."],
  [{ host: 1 }, "ERR_OPTION_INVALID", "/etc/typo.json: host: expected text; got 1."],
  [
    { keepalive: 15_000 },
    "ERR_OPTION_INVALID",
    "/etc/typo.json: keepalive: expected a duration (500ms, 10s, 5m, 2h) from 1ms to 596h; got 15000.",
  ],
  [{ readOnly: {} }, "ERR_OPTION_INVALID", "/etc/typo.json: readOnly: expected true or false; got {}."],
  [
    { maxBody: {} },
    "ERR_OPTION_INVALID",
    "/etc/typo.json: maxBody: expected a size (65536, 64kb, 1mib) from 1 to 64MiB; got {}.",
  ],
  [{ deny: ["a", 1] }, "ERR_OPTION_INVALID", "/etc/typo.json: deny: expected text; got 1."],
  [{ deny: 1 }, "ERR_OPTION_INVALID", "/etc/typo.json: deny: expected a list, each item text; got 1."],
  [{ password: 12_345_678 }, "ERR_OPTION_INVALID", "/etc/typo.json: password: expected text."],
  [
    { allowUnauthenticated: true },
    "ERR_OPTION_INVALID",
    "/etc/typo.json: allowUnauthenticated cannot be set in a file; give --allow-unauthenticated as a flag.",
  ],
  [
    { "allow-unauthenticated": true },
    "ERR_OPTION_INVALID",
    "/etc/typo.json: allow-unauthenticated cannot be set in a file; give --allow-unauthenticated as a flag.",
  ],
  [
    { config: "b.json" },
    "ERR_OPTION_INVALID",
    "/etc/typo.json: config cannot be set in a file; give --config as a flag.",
  ],
  [
    { maxBody: 1, "max-body": 1 },
    "ERR_OPTION_CONFLICT",
    "/etc/typo.json: max-body is there a second time under its other name; keep one of them.",
  ],
])("refuses a file with a mistake, naming file and key: %j", (file, code, message) => {
  expect(refusalOf(() => run(withFile, {}, file))).toEqual({ code, message });
});

it("checks the whole file, also what a flag wins over", () => {
  const refused = refusalOf(() => run([...withFile, "--port", "1"], {}, { port: "many" }));

  expect(refused.code).toBe("ERR_OPTION_INVALID");
  expect(run([...withFile, "--port", "1"], {}, { port: 2 }).kit.port).toBe(1);
});

it.each([
  ["", "/etc/typo.json is not valid JSON; expected one object."],
  ['{"password": hunter2}', "/etc/typo.json is not valid JSON; expected one object."],
  ['{"password": "hunter2"', "/etc/typo.json is not valid JSON at line 1 column 23; expected one object."],
  ["[]", '/etc/typo.json does not hold a JSON object of options; expected {"port": 3001}.'],
  ["null", '/etc/typo.json does not hold a JSON object of options; expected {"port": 3001}.'],
  ['"port"', '/etc/typo.json does not hold a JSON object of options; expected {"port": 3001}.'],
])("refuses a file that is no object without quoting it: %s", (text, message) => {
  expect(refusalOf(() => run(withFile, {}, text))).toEqual({ code: "ERR_CONFIG_UNREADABLE", message });
});

it("accepts a byte order mark", () => {
  expect(run(withFile, {}, '\uFEFF{"port": 1}').kit.port).toBe(1);
});

it("names the file that cannot be read, and why", () => {
  const refused = refusalOf(() => parseOptions({ ...inputFor(demoSchema, withFile), readConfigFile: fails }));

  expect(refused).toEqual({
    code: "ERR_CONFIG_UNREADABLE",
    message: "Cannot read the config file /etc/typo.json (ENOENT); check --config.",
  });
});

it("keeps the file's text out of the error and its cause", () => {
  const error = caught(() => run(withFile, {}, '{"password": "hunter2hunter2"'));

  expect(`${error.message} ${String(error.cause)}`).not.toContain("hunter2");
});

function pathsRead(argv: string[]): string[] {
  const paths: string[] = [];
  const readConfigFile = (path: string): string => {
    paths.push(path);
    return "{}";
  };
  parseOptions({ ...inputFor(demoSchema, argv, { BOTHWAYS_CONFIG: "/env.json" }), readConfigFile });
  return paths;
}

function fails(): string {
  throw Object.assign(new Error("ENOENT: no such file, open '/etc/typo.json'"), { code: "ENOENT" });
}

function caught(action: () => unknown): KitError {
  try {
    action();
  } catch (error) {
    if (error instanceof KitError) return error;
    throw error;
  }
  throw new Error("Nothing was refused");
}
