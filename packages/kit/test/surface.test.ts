import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };

/** Names that a module exports for types alone, which leave no trace at run time. */
function typeNames(path: string): string[] {
  const source = readFileSync(new URL(path, import.meta.url), "utf8");
  const statements = source.matchAll(/export (type )?\{([^}]*)\}/g);
  const names = Array.from(statements).flatMap(([, whole, list = ""]) =>
    list
      .split(",")
      .map((name) => name.trim())
      .flatMap((name) => (whole !== undefined ? name : (/^type (\w+)$/.exec(name)?.[1] ?? []))),
  );
  return names.filter((name) => name !== "").toSorted();
}

it("exports these values to definitions and programs", async () => {
  const module: object = await import("@bothways/kit");

  expect(Object.keys(module).toSorted()).toEqual([
    "FailureError",
    "KitError",
    "ProtocolError",
    "ProtocolErrorCode",
    "ResourceNotFoundError",
    "ResourceTemplate",
    "acceptedContent",
    "authInfoOf",
    "bytes",
    "callerOf",
    "completable",
    "createHttpHost",
    "createLogger",
    "defineCommand",
    "defineRoute",
    "defineServer",
    "defineTool",
    "duration",
    "failure",
    "inputRequired",
    "inputResponse",
    "option",
    "path",
    "run",
    "serve",
    "success",
  ]);
});

it("exports these types to definitions and programs", () => {
  expect(typeNames("../src/index.ts")).toEqual([
    "Access",
    "Command",
    "CommandContext",
    "Era",
    "Failure",
    "HostedServer",
    "HttpHost",
    "HttpHostOptions",
    "HttpOptions",
    "HttpServeOptions",
    "InputAsk",
    "KitErrorCode",
    "LogFields",
    "LogLevel",
    "Logger",
    "McpServer",
    "Notifier",
    "OptionSource",
    "OptionsSchema",
    "Principal",
    "ReadResourceResult",
    "Route",
    "RouteContext",
    "RouteRequest",
    "RouteResponse",
    "Running",
    "ServeOptions",
    "ServerContext",
    "ServerDefinition",
    "SetupContext",
    "StdioServeOptions",
    "Success",
    "Tool",
    "ToolContext",
    "ToolDefinition",
    "ToolHints",
    "ToolResult",
    "WatchContext",
    "WireKind",
  ]);
});

it("exports these values to tests", async () => {
  const module: object = await import("@bothways/kit/testing");

  expect(Object.keys(module).toSorted()).toEqual([
    "clientOptionsFor",
    "connect",
    "expectCleanStdout",
    "failAt",
    "faultProxy",
    "matrix",
    "spawnServer",
    "surface",
  ]);
});

it("exports these types to tests", () => {
  expect(typeNames("../src/testing/index.ts")).toEqual([
    "ConnectOptions",
    "FaultProxy",
    "Faults",
    "SpawnOptions",
    "SpawnedServer",
    "TestSession",
  ]);
});

it.each(["../src/index.ts", "../src/testing/index.ts"])("documents everything that %s exports", (path) => {
  const index = new URL(path, import.meta.url);
  const statements = readFileSync(index, "utf8").matchAll(/export (?:type )?\{([^}]*)\} from "(\.[^"]+)"/g);
  const undocumented = Array.from(statements).flatMap(([, list = "", file = ""]) => {
    const source = readFileSync(new URL(file, index), "utf8");
    const names = list.split(",").map((name) => name.trim().replace(/^type /, ""));
    const kinds = "(?:async )?(?:function|const|class|interface|type)";
    return names.filter((name) => name !== "" && !new RegExp(`\\*/\\nexport ${kinds} ${name}\\b`).test(source));
  });

  expect(undocumented).toEqual([]);
});

it("exports nothing from the first import of every bin", () => {
  expect(typeNames("../src/preflight.ts")).toEqual([]);
  expect(readFileSync(new URL("../src/preflight.ts", import.meta.url), "utf8")).not.toMatch(/^export /m);
});

it("publishes three modules and its manifest, and no bin", () => {
  const { exports, files, publishConfig, engines, sideEffects } = manifest;

  expect("bin" in manifest).toBe(false);
  expect({ exports, files, publishConfig, engines, sideEffects }).toEqual({
    exports: {
      ".": {
        "@bothways/source": "./src/index.ts",
        types: "./dist/index.d.mts",
        default: "./dist/index.mjs",
      },
      "./preflight": {
        "@bothways/source": "./src/preflight.ts",
        types: "./dist/preflight.d.mts",
        default: "./dist/preflight.mjs",
      },
      "./testing": {
        "@bothways/source": "./src/testing/index.ts",
        types: "./dist/testing/index.d.mts",
        default: "./dist/testing/index.mjs",
      },
      "./package.json": "./package.json",
    },
    files: ["dist"],
    publishConfig: {
      access: "public",
      exports: {
        ".": { types: "./dist/index.d.mts", default: "./dist/index.mjs" },
        "./preflight": { types: "./dist/preflight.d.mts", default: "./dist/preflight.mjs" },
        "./testing": { types: "./dist/testing/index.d.mts", default: "./dist/testing/index.mjs" },
        "./package.json": "./package.json",
      },
    },
    engines: { node: ">=22.13" },
    sideEffects: ["./src/preflight.ts", "./dist/preflight.mjs"],
  });
});

it("has as few dependencies as its documentation gives reasons for", () => {
  expect(Object.keys(manifest.dependencies)).toEqual(["@modelcontextprotocol/server", "zod"]);
});
