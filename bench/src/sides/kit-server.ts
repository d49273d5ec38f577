import { defineServer, defineTool, type ServerDefinition, success, type Tool } from "@bothways/kit";
import { z } from "zod";
import * as catalogue from "./tool-catalogue.ts";

const echo = defineTool({
  name: "echo",
  title: "Echo",
  description: catalogue.echoDescription,
  annotations: catalogue.hints,
  access: "read",
  inputSchema: catalogue.echoInput,
  outputSchema: catalogue.echoOutput,
  run: ({ text }) => success({ text }, text),
});

const count = defineTool({
  name: "count",
  title: "Count",
  description: catalogue.countDescription,
  annotations: catalogue.hints,
  access: "read",
  inputSchema: catalogue.countInput,
  outputSchema: catalogue.countOutput,
  run: ({ text }) => success({ length: text.length }, String(text.length)),
});

/** The same tools as the peers, on the kit. */
export function kitServer(toolCount: number): ServerDefinition {
  const tools: Tool[] = [echo, ...(toolCount > 1 ? [count] : []), ...catalogue.fillersFor(toolCount).map(fillerTool)];
  return defineServer({
    name: "bothways-bench",
    short: "bench",
    version: "1.0.0",
    title: "Bench",
    instructions: "Tools for measuring.",
    options: z.object({}),
    open: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
    tools,
    defaultPort: 3099,
    maxBody: 8 * 1024 * 1024,
  });
}

function fillerTool({ name, title, description, input }: catalogue.Filler): Tool {
  return defineTool({
    name,
    title,
    description,
    annotations: catalogue.hints,
    access: "read",
    inputSchema: input,
    run: () => success(undefined, name),
  });
}
