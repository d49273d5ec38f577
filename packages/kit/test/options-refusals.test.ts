import { expect, it } from "vitest";
import { z } from "zod";
import { path } from "../src/options/kinds.ts";
import { option } from "../src/options/option.ts";
import { type Env, refusalOf, run, runWith } from "./options-fixture.ts";

it.each<[string[], Env, string]>([
  [["--prot", "1"], {}, "Unknown flag --prot; did you mean --port?"],
  [["--prot=1"], {}, "Unknown flag --prot; did you mean --port?"],
  [["--maxBody", "1"], {}, "Unknown flag --maxBody; did you mean --max-body?"],
  [["--no-interactiv"], {}, "Unknown flag --no-interactiv; did you mean --no-interactive?"],
  [["--no-port"], {}, "Unknown flag --no-port; did you mean --port?"],
  [["--completely-other"], {}, "Unknown flag --completely-other; --help lists all flags."],
  [["--__proto__", "x"], {}, "Unknown flag --__proto__; --help lists all flags."],
  [["--constructor"], {}, "Unknown flag --constructor; --help lists all flags."],
  [["-p", "1"], {}, "Unknown flag -p; --help lists all flags."],
  [["--pass\nword"], {}, 'Unknown flag "--pass\\nword"; --help lists all flags.'],
  [["a.db", "b.db"], {}, 'Unexpected argument "b.db": only one <file> is taken; --help shows the usage.'],
  [["a.db", "prot"], {}, 'Unexpected argument "prot": only one <file> is taken; did you mean --port?'],
])("refuses an unknown name: %j", (argv, env, message) => {
  expect(refusalOf(() => run(argv, env))).toEqual({ code: "ERR_OPTION_UNKNOWN", message });
});

it.each<[string[], Env, string]>([
  [["--port", "70000"], {}, '--port: expected a whole number from 0 to 65535; got "70000".'],
  [["--port", "-1"], {}, '--port: expected a whole number from 0 to 65535; got "-1".'],
  [["--port", "1e3"], {}, '--port: expected a whole number from 0 to 65535; got "1e3".'],
  [["--port", "0x50"], {}, '--port: expected a whole number from 0 to 65535; got "0x50".'],
  [["--port", "80.5"], {}, '--port: expected a whole number from 0 to 65535; got "80.5".'],
  [["--port", " 80"], {}, '--port: expected a whole number from 0 to 65535; got " 80".'],
  [["--port", "9".repeat(400)], {}, `--port: expected a whole number from 0 to 65535; got "${"9".repeat(99)}…".`],
  [[], { BOTHWAYS_PORT: "abc" }, 'BOTHWAYS_PORT: expected a whole number from 0 to 65535; got "abc".'],
  [[], { BOTHWAYS_READ_ONLY: "maybe" }, 'BOTHWAYS_READ_ONLY: expected true or false; got "maybe".'],
  [["--offset", "11"], {}, '--offset: expected a number from -10 to 10; got "11".'],
  [["--engine", "slow"], {}, '--engine: expected one of fast, safe; got "slow".'],
  [["--label", "A1"], {}, '--label: use letters a to z only; got "A1".'],
  [["--keepalive", "15"], {}, '--keepalive: expected a duration (500ms, 10s, 5m, 2h) from 1ms to 596h; got "15".'],
  [["--max-body", "65mib"], {}, '--max-body: expected a size (65536, 64kb, 1mib) from 1 to 64MiB; got "65mib".'],
  [["--auth", "token"], {}, '--auth: this version serves without authentication only, expected none; got "token".'],
  [
    [],
    { BOTHWAYS_AUTH: "oauth" },
    'BOTHWAYS_AUTH: this version serves without authentication only, expected none; got "oauth".',
  ],
  [
    ["--allowed-origins", "https://a.example,*"],
    {},
    '--allowed-origins: expected an origin such as https://app.example, without path or wildcard; got "*".',
  ],
  [
    ["--allowed-hosts", "a.example:80"],
    {},
    '--allowed-hosts: expected a host name or IP address without scheme, port or wildcard; got "a.example:80".',
  ],
  [
    ["--host", "http://a.example"],
    {},
    '--host: expected a host name or IP address without scheme, path or port; got "http://a.example".',
  ],
  [
    ["--path", "mcp"],
    {},
    '--path: expected a path such as /mcp, other than /healthz, /readyz, /sse, /message; got "mcp".',
  ],
  [
    ["--path", "/a/../b"],
    {},
    '--path: expected a path such as /mcp, other than /healthz, /readyz, /sse, /message; got "/a/../b".',
  ],
  [
    ["--path", "/healthz"],
    {},
    '--path: expected a path such as /mcp, other than /healthz, /readyz, /sse, /message; got "/healthz".',
  ],
  [
    ["--public-url", "ftp://user:hunter2@a.example"],
    {},
    '--public-url: expected a URL that starts with https:// or http://; got "ftp://***@a.example".',
  ],
  [
    ["--host"],
    {},
    "--host needs a value: --host <address> (a value that begins with a dash is written --host=-value).",
  ],
  [
    ["--host", "--port", "1"],
    {},
    "--host needs a value: --host <address> (a value that begins with a dash is written --host=-value).",
  ],
  [
    ["--host="],
    {},
    "--host needs a value: --host <address> (a value that begins with a dash is written --host=-value).",
  ],
  [
    ["--label", "-x"],
    {},
    "--label needs a value: --label <text> (a value that begins with a dash is written --label=-value).",
  ],
  [["--stdio=1"], {}, "--stdio takes no value; write it alone."],
  [["--no-read-write=1"], {}, "--no-read-write takes no value; write it alone."],
  [[""], {}, "The argument <file> is empty; give it a value."],
  [["--dir=a\0b"], {}, '--dir: a path cannot hold a NUL character; got "a\\u0000b".'],
  [["--read-write", "--engine", "fast"], {}, "--read-write excludes --engine fast."],
  [["--label", "\u202eevil\u2028"], {}, '--label: use letters a to z only; got "\\u202eevil\\u2028".'],
])("refuses a bad value: %j %j", (argv, env, message) => {
  expect(refusalOf(() => run(argv, env))).toEqual({ code: "ERR_OPTION_INVALID", message });
});

it.each<[string[], string]>([
  [["--port", "1", "--port", "1"], "--port is given twice; keep one of them."],
  [["--port=1", "--port", "2"], "--port is given twice; keep one of them."],
  [["--read-write", "--no-read-write"], "--read-write and --no-read-write say the same option; keep one of them."],
  [["--stdio", "--http"], "--stdio and --http say the same option; keep one of them."],
  [["--transport", "http", "--http"], "--transport and --http say the same option; keep one of them."],
  [["--file", "a", "b"], "--file and <file> say the same option; keep one of them."],
])("refuses a single-valued flag that is repeated: %j", (argv, message) => {
  expect(refusalOf(() => run(argv))).toEqual({ code: "ERR_OPTION_CONFLICT", message });
});

it.each([[["--password", "hunter22hunter22"]], [["--password=hunter22hunter22"]]])(
  "refuses a secret from a flag without showing it: %j",
  (argv) => {
    expect(refusalOf(() => run(argv))).toEqual({
      code: "ERR_OPTION_INVALID",
      message:
        '--password holds a secret, which a flag would show in process lists; set BOTHWAYS_DEMO_PASSWORD or "password" in the config file.',
    });
  },
);

it("never shows a secret that its schema refuses", () => {
  const short = refusalOf(() => run([], { BOTHWAYS_DEMO_PASSWORD: "hunter2" }));

  expect(short).toEqual({
    code: "ERR_OPTION_INVALID",
    message: "BOTHWAYS_DEMO_PASSWORD: Too small: expected string to have >=8 characters.",
  });
});

it("never shows a secret that its author's own message quotes", () => {
  const schema = z.object({
    key: option(
      z.string().refine(() => false, { error: ({ input }) => `bad key ${String(input)}` }),
      {
        secret: true,
        describe: "A key",
      },
    ),
  });

  const refused = refusalOf(() => runWith(schema, [], { BOTHWAYS_DEMO_KEY: "hunter2" }));

  expect(refused.message).toBe("BOTHWAYS_DEMO_KEY: not an acceptable value.");
});

it("says how to give an option that is missing", () => {
  const schema = z.object({
    root: option(path(), { positional: true, describe: "Where the files are" }),
  });

  expect(() => runWith(schema, [])).toThrow(
    expect.objectContaining({
      code: "ERR_OPTION_MISSING",
      message: "Missing <root> (or BOTHWAYS_DEMO_ROOT): Where the files are.",
    }),
  );
});
