import * as fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { configJsonSchema } from "../src/options/config-schema.ts";
import { helpText } from "../src/options/help-text.ts";
import { createKitSchema } from "../src/options/kit-options.ts";
import { option } from "../src/options/option.ts";
import { optionTable } from "../src/options/option-table.ts";
import { demoSchema, run } from "./options-fixture.ts";

const kitSchema = createKitSchema({ defaultPort: 3001 });
const demo = {
  name: "bothways-demo",
  short: "demo",
  title: "A server that shows every kind of option",
  options: demoSchema,
};

it("prints the same help as reviewed", async () => {
  await expect(helpText(demo, kitSchema)).toMatchFileSnapshot("__snapshots__/help.txt");
});

it("names flag, variable and default of every kit option", () => {
  const help = helpText(demo, kitSchema).replace(/\s+/g, " ");

  for (const text of [
    "--transport auto|stdio|http|sse",
    "env BOTHWAYS_TRANSPORT, MCP_TRANSPORT; default auto",
    "env BOTHWAYS_HOST; default 127.0.0.1",
    "env BOTHWAYS_PORT; default 3001",
    "env BOTHWAYS_MAX_BODY; default 1MiB",
    "env BOTHWAYS_SESSION_IDLE; default 30m",
    "env BOTHWAYS_SESSION_MAX_AGE; default 24h",
    "env BOTHWAYS_KEEPALIVE; default 15s",
    "env BOTHWAYS_DEMO_READ_ONLY, BOTHWAYS_READ_ONLY; default off",
    "--interactive, --no-interactive",
    "-h, --help",
  ]) {
    expect(help).toContain(text);
  }
});

it("shows the port and body limit that the server declares", () => {
  const help = helpText(demo, createKitSchema({ defaultPort: 3004, maxBody: 8 * 1_048_576 }));

  expect(help).toContain("default 3004");
  expect(help).toContain("default 8MiB");
});

it("fits 100 columns whatever a server declares", () => {
  const text = fc.string({ unit: fc.constantFrom("a", " ", "\n", "\t", "-", "é"), maxLength: 300 });

  fc.assert(
    fc.property(text, text, text, fc.boolean(), (describe, placeholder, standard, positional) => {
      const options = z.object({ one: option(z.string().default(standard), { describe, placeholder, positional }) });
      const help = helpText(
        { ...demo, name: `bothways-${"x".repeat(placeholder.length)}`, title: describe, options },
        kitSchema,
      );

      for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    }),
  );
});

it("makes table rows of a server's options", () => {
  const schema = z.object({
    maxRead: option(demoSchema.shape["maxRead"] ?? z.string(), { describe: "Largest\ntext" }),
    rules: option(z.array(z.string()).default([]), {
      letter: "r",
      env: "RULES",
      placeholder: "<rule>",
      describe: "Rules",
    }),
    key: option(z.string().default("k3y"), { secret: true, describe: "Key" }),
    quiet: option(z.boolean().default(false), { describe: "Quiet" }),
  });

  expect(optionTable(schema, "my-app")).toEqual([
    { flag: "--max-read <size>", env: "BOTHWAYS_MY_APP_MAX_READ", default: "64KiB", describe: "Largest text" },
    { flag: "-r, --rules <rule>", env: "RULES", default: "", describe: "Rules" },
    {
      flag: "",
      env: "BOTHWAYS_MY_APP_KEY",
      default: "",
      describe: "Key (from the environment or the config file only)",
    },
    { flag: "--quiet", env: "BOTHWAYS_MY_APP_QUIET", default: "off", describe: "Quiet" },
  ]);
});

it("makes table rows of the kit's options", () => {
  const rows = optionTable(kitSchema, "demo", "kit");

  expect(rows.find((row) => row.flag.startsWith("--port"))).toEqual({
    flag: "--port <number>",
    env: "BOTHWAYS_PORT",
    default: "3001",
    describe: "Port to listen on; 0 takes a free one. PORT is read after BOTHWAYS_PORT",
  });
});

it("describes the config file as JSON Schema", () => {
  const { properties, ...rest } = configJsonSchema(demo, kitSchema);

  expect(rest).toEqual({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Config file of bothways-demo",
    type: "object",
    additionalProperties: false,
  });
  expect(properties).toMatchObject({
    $schema: { type: "string" },
    port: { type: "integer", minimum: 0, maximum: 65_535, default: 3001 },
    "max-sessions": { type: "integer", minimum: 1, maximum: 1_000_000, default: 1000 },
    maxSessions: { type: "integer" },
    readOnly: { type: "boolean", default: false },
    keepalive: { type: "string", default: "15s" },
    offset: { type: "number", minimum: -10, maximum: 10 },
    engine: { enum: ["fast", "safe"], default: "safe" },
    dirs: { anyOf: [{ type: "array", items: { type: "string", minLength: 1 } }, { type: "string" }] },
    password: { description: "A secret", type: "string" },
  });
  expect(properties).not.toHaveProperty("config");
  expect(properties).not.toHaveProperty("allowUnauthenticated");
  expect(properties).not.toHaveProperty("help");
});

it("accepts in a file what its JSON Schema gives as default", () => {
  const { properties } = configJsonSchema(demo, kitSchema);
  const defaults = Object.entries(properties ?? {}).flatMap(([key, { default: value }]) =>
    value === undefined || key.includes("-") || key === "dir" ? [] : [[key, value]],
  );

  const { kit } = run(["--config", "kit.json"], {}, Object.fromEntries(defaults));

  expect(defaults.length).toBeGreaterThan(15);
  expect(kit).toMatchObject({ port: 3001, maxBody: 1_048_576, keepalive: 15_000, sessions: "sessions" });
});
