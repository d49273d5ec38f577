import { type Failure, failure, inputRequired, inputResponse, type ToolContext, type ToolResult } from "@bothways/kit";
import { z } from "zod";

/** More rows than this are asked about with `--confirm`. */
export const askAbove = 100;

/** What the user is asked about, as a dry run found it. */
export interface Preview {
  /** Total changes of the dry run. */
  readonly changes: number;
  /** One sentence that says what would happen; numbers and names of the call, never data from a row. */
  readonly sentence: string;
  /** What would run; the user sees its beginning. */
  readonly sql: string;
}

const maxShownSql = 500;

/** The user's answer, or what the tool has to return for now. */
export type Consent =
  | { readonly kind: "granted"; readonly changes: number }
  | { readonly kind: "unanswered"; readonly result: ToolResult<never> };

const askedSchema = z.object({ changes: z.number() });

const declined: Failure = failure(
  "DECLINED",
  "the user did not agree, nothing changed.",
  "Ask the user what to do instead, or narrow the statement.",
);

const nobodyToAsk: Failure = failure(
  "DECLINED",
  "this server asks the user before such a write, and this client cannot ask; nothing changed.",
  "Use a client with elicitation, narrow the statement, or run the server without --confirm.",
);

/** The answer of the user to an earlier round; undefined on the first one. */
export function earlierConsent(ctx: ToolContext): Consent | undefined {
  const asked = askedSchema.safeParse(ctx.requestState);
  if (!asked.success) return undefined;
  const answer = inputResponse(ctx.inputResponses, "confirm");
  const agreed = answer.kind === "elicit" && answer.action === "accept" && answer.content?.["confirm"] === true;
  return agreed ? { kind: "granted", changes: asked.data.changes } : { kind: "unanswered", result: declined };
}

/** Asks the user; the next round runs with exactly the number of changes shown here. */
export async function ask(ctx: ToolContext, { changes, sentence, sql }: Preview): Promise<Consent> {
  if (!hasForms(ctx)) return { kind: "unanswered", result: nobodyToAsk };
  const shown = sql.length > maxShownSql ? `${sql.slice(0, maxShownSql - 1)}…` : sql;
  const confirm = inputRequired.elicit({
    message: `${sentence} Run it?\n\n${shown}`,
    requestedSchema: {
      type: "object",
      properties: { confirm: { type: "boolean", title: "Run it" } },
      required: ["confirm"],
    },
  });
  const state: z.input<typeof askedSchema> = { changes };
  const result = await ctx.inputRequired({ inputRequests: { confirm }, state });
  return { kind: "unanswered", result: result.kind === "failure" ? nobodyToAsk : result };
}

/** An empty declaration means forms; one that names only urls does not. */
function hasForms({ clientCapabilities: { elicitation } }: ToolContext): boolean {
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}
