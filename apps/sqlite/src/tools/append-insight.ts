import { defineTool, failure, success } from "@bothways/kit";
import { z } from "zod";
import type { Sqlite } from "../sqlite.ts";
import { adds } from "./hints.ts";

const uri = "memo://insights";

const inputSchema = z.object({
  insight: z.string().max(4096).describe("One finding, in a sentence; at most 4096 characters."),
});

export const appendInsight = defineTool({
  name: "append_insight",
  title: "Append an insight",
  description:
    "Adds a finding to the memo resource memo://insights, which keeps the last 1000. Use it for what you learned.",
  annotations: adds,
  access: "write",
  inputSchema,
  outputSchema: z.object({ count: z.number(), uri: z.string() }),
  run({ insight }, { memos }: Sqlite, ctx) {
    if (insight.trim() === "") return failure("INVALID_INPUT", "the insight is empty.", "Give insight a sentence.");
    return success({ count: memos.append(ctx.principal?.id, insight), uri });
  },
});
