import {
  acceptedContent,
  defineServer,
  defineTool,
  failure,
  inputRequired,
  type ServerDefinition,
  success,
} from "@bothways/kit";
import { z } from "zod";

/** Note texts by tag; what the tools of this server work on. */
type Notes = Map<string, string[]>;

// #region tool
const inputSchema = z.object({ tag: z.string().min(1).describe("A tag exactly as list_tags returned it.") });
const outputSchema = z.object({ removed: z.number() });
const answer = z.object({ sure: z.boolean() });

const removeNotes = defineTool({
  name: "remove_notes",
  title: "Remove notes",
  description: "Removes all notes of one tag and returns their number. Call list_tags first for the tags.",
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  access: "destructive",
  singleUseState: true,
  inputSchema,
  outputSchema,
  async run({ tag }, notes: Notes, ctx) {
    const found = notes.get(tag);
    if (!found) return failure("NO_SUCH_TAG", `No note has the tag "${tag}".`, "Call list_tags for the tags.");

    if (ctx.requestState === undefined) {
      const sure = inputRequired.elicit({
        message: `Remove ${found.length} notes?`,
        requestedSchema: { type: "object", properties: { sure: { type: "boolean" } }, required: ["sure"] },
      });
      return ctx.inputRequired({ inputRequests: { sure }, state: found.length });
    }
    if (!acceptedContent(ctx.inputResponses, "sure", answer)?.sure)
      return failure("DECLINED", "The user did not agree; nothing changed.", "Ask what to do instead.");

    for (const [done, text] of found.entries()) {
      ctx.signal.throwIfAborted();
      ctx.progress(done + 1, found.length, text);
    }
    notes.delete(tag);
    return success({ removed: found.length }, `Removed ${found.length} notes.`);
  },
});
// #endregion

/** A server of one tool, for the other examples. */
export const server: ServerDefinition = defineServer({
  name: "notes",
  short: "notes",
  version: "1.0.0",
  title: "Notes",
  instructions: "Keeps notes by tag.",
  options: z.object({}),
  open: () => Object.assign(new Map([["todo", ["milk", "bread"]]]), { async [Symbol.asyncDispose]() {} }),
  tools: [removeNotes],
  defaultPort: 3012,
});
