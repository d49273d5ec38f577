import assert from "node:assert/strict";
import { connect } from "@bothways/kit/testing";
import { server } from "./remove-notes.ts";

// #region test
for (const transport of ["memory", "http"] as const) {
  await using session = await connect(server, {
    transport,
    client: { capabilities: { elicitation: { form: {} } } },
    prepare: (client) =>
      client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { sure: true } })),
  });

  const unknown = await session.callTool("remove_notes", { tag: "nope" });
  const removed = await session.callTool("remove_notes", { tag: "todo" });

  assert.equal(unknown.isError, true);
  assert.deepEqual(removed.structuredContent, { removed: 2 });
}
// #endregion
