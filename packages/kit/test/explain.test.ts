import { expect, it } from "vitest";
import { explain } from "../src/options/explain.ts";
import { createKitSchema } from "../src/options/kit-options.ts";
import { selectTransport } from "../src/select-transport.ts";
import { demoSchema, type Env, run } from "./options-fixture.ts";

it("prints the decision and every option with its source", () => {
  const explained = explainFor(
    ["--http", "--max-body", "2kb", "--dir", "/a"],
    { BOTHWAYS_LOG_LEVEL: "warn", BOTHWAYS_CONFIG: "kit.json" },
    { sessions: "stateless" },
  );

  expect(explained).toMatchObject({
    transport: "http",
    because: "--http",
    options: {
      transport: { value: "http", source: "--http" },
      maxBody: { value: 2048, source: "--max-body" },
      dirs: { value: ["/a"], source: "--dir" },
      logLevel: { value: "warn", source: "BOTHWAYS_LOG_LEVEL" },
      sessions: { value: "stateless", source: "kit.json: sessions" },
      config: { value: "kit.json", source: "BOTHWAYS_CONFIG" },
      host: { value: "127.0.0.1", source: "default" },
      socket: { value: null, source: "default" },
      keepalive: { value: 15_000, source: "default" },
    },
  });
});

it("says that PORT set the port", () => {
  expect(explainFor(["--http"], { PORT: "8080" })).toMatchObject({
    options: { port: { value: 8080, source: "PORT" } },
  });
});

it("explains stdio with the options that would count over HTTP", () => {
  expect(explainFor(["--stdio"], { PORT: "8080" })).toMatchObject({
    transport: "stdio",
    because: "--stdio",
    options: { port: { value: 3001, source: "default" } },
  });
});

it("shows a secret as asterisks and one that is not set as null", () => {
  const set = explainText(["--stdio"], { BOTHWAYS_DEMO_PASSWORD: "correct horse" });
  const unset = explainFor(["--stdio"]);

  expect(JSON.parse(set)).toMatchObject({ options: { password: { value: "***", source: "BOTHWAYS_DEMO_PASSWORD" } } });
  expect(set).not.toContain("correct horse");
  expect(unset).toMatchObject({ options: { password: { value: null, source: "default" } } });
});

it("leaves out the requests themselves", () => {
  const { options } = explainFor(["--stdio", "--explain"]);

  expect(options).not.toHaveProperty("explain");
  expect(options).not.toHaveProperty("help");
});

function explainFor(argv: readonly string[], env: Env = {}, file: unknown = {}): { options: object } {
  const explained: unknown = JSON.parse(explainText(argv, env, file));
  if (typeof explained !== "object" || explained === null) throw new Error("No object");
  if (!("options" in explained) || typeof explained.options !== "object") throw new Error("No options");
  return { ...explained, options: explained.options ?? {} };
}

function explainText(argv: readonly string[], env: Env = {}, file: unknown = {}): string {
  const parsed = run(argv, env, file);
  const selection = selectTransport({ kit: parsed.kit, sources: parsed.sources, env, stdin: "pipe" });
  const kitSchema = createKitSchema({ defaultPort: 3001 });
  return explain({ short: "demo", serverSchema: demoSchema, kitSchema, parsed, selection });
}
