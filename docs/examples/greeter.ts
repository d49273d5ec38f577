#!/usr/bin/env node
import "@bothways/kit/preflight";
import { defineServer, defineTool, option, run, success } from "@bothways/kit";
import { z } from "zod";

const greet = defineTool({
  name: "greet",
  title: "Greet",
  description: "A greeting for one person. Call it once per name.",
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  access: "read",
  inputSchema: z.object({ name: z.string().min(1) }),
  outputSchema: z.object({ greeting: z.string() }),
  run: ({ name }, { word }: { word: string }) => success({ greeting: `${word}, ${name}!` }),
});

const server = defineServer({
  name: "greeter",
  short: "greeter",
  version: "1.0.0",
  title: "Greeter",
  instructions: "Call greet with the name of a person.",
  options: z.object({ word: option(z.string().default("Hello"), { describe: "What to say first." }) }),
  open: ({ word }) => ({ word, async [Symbol.asyncDispose]() {} }),
  tools: [greet],
  defaultPort: 3010,
});

await run(server);
