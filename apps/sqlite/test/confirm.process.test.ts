import type { ElicitResult } from "@modelcontextprotocol/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "./databases.ts";
import { type Session, serveDatabase } from "./session.ts";

let database: TestDatabase;

beforeEach(() => {
  const many =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 150) INSERT INTO log SELECT x, 'n' FROM c";
  database = createDatabase(
    `CREATE TABLE log(id INTEGER PRIMARY KEY, a TEXT); CREATE TABLE small(a); INSERT INTO small VALUES (1), (2); ${many}`,
  );
});
afterEach(() => database[Symbol.dispose]());

/** A session whose user answers every question in the same way; the questions are kept. */
async function withUser(answer: ElicitResult, era: "2025" | "2026", asked: string[]): Promise<Session> {
  return serveDatabase(
    { dbPath: database.path, readWrite: true, confirm: true },
    {
      era,
      client: { capabilities: { elicitation: {} } },
      prepare(client) {
        client.setRequestHandler("elicitation/create", ({ params }) => {
          asked.push(params.message);
          return answer;
        });
      },
    },
  );
}

const yes: ElicitResult = { action: "accept", content: { confirm: true } };

it.each(["2025", "2026"] as const)("asks the user before many rows change, and runs on yes (%s)", async (era) => {
  const asked: string[] = [];
  await using session = await withUser(yes, era, asked);

  const { data } = await session.call("write_query", { query: "UPDATE log SET a = 'x' WHERE id <= 101" });

  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain('change 101 rows in "log"');
  expect(asked[0]).toContain("UPDATE log SET a = 'x' WHERE id <= 101");
  expect(data).toMatchObject({ affected_rows: 101, committed: true });
});

it.each<[string, ElicitResult]>([
  ["no", { action: "accept", content: { confirm: false } }],
  ["decline", { action: "decline" }],
  ["cancel", { action: "cancel" }],
])("changes nothing when the user says %s", async (_, answer) => {
  await using session = await withUser(answer, "2026", []);

  const { code } = await session.call("write_query", { query: "DELETE FROM log WHERE id > 10" });

  expect(code).toBe("DECLINED");
  expect(database.rows("SELECT count(*) FROM log")).toEqual([[150]]);
});

it.each(["2025", "2026"] as const)("changes nothing when the client cannot ask (%s)", async (era) => {
  await using session = await serveDatabase({ dbPath: database.path, readWrite: true, confirm: true }, { era });

  const { code, text } = await session.call("write_query", { query: "DELETE FROM log WHERE id > 10" });

  expect(code).toBe("DECLINED");
  expect(text).toContain("--confirm");
  expect(database.rows("SELECT count(*) FROM log")).toEqual([[150]]);
});

it.each([
  ["write_query", { query: "DELETE FROM small" }, "the whole table"],
  ["write_query", { query: "UPDATE small SET a = 3 WHERE 1 = 1" }, "the whole table"],
  ["alter_schema", { query: "DROP TABLE small" }, 'table "small" removed'],
  ["alter_schema", { query: "ALTER TABLE log DROP COLUMN a" }, 'table "log" changed'],
  ["execute_transaction", { statements: [{ query: "DELETE FROM small" }] }, "2 rows"],
])("asks before %s with %j", async (tool, input, fact) => {
  const asked: string[] = [];
  await using session = await withUser(yes, "2026", asked);

  const { code } = await session.call(tool, input);

  expect(code).toBe("ok");
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain(fact);
});

it.each([
  ["write_query", { query: "DELETE FROM small WHERE a = 1" }],
  ["write_query", { query: "INSERT INTO small VALUES (9)" }],
  ["write_query", { query: "DELETE FROM log", dry_run: true }],
  ["write_query", { query: "DELETE FROM log WHERE id = -1" }],
  ["alter_schema", { query: "CREATE INDEX i ON small(a)" }],
  ["execute_transaction", { statements: [{ query: "DELETE FROM small WHERE a = 1" }] }],
])("does not ask before %s with %j", async (tool, input) => {
  const asked: string[] = [];
  await using session = await withUser(yes, "2026", asked);

  expect((await session.call(tool, input)).code).toBe("ok");
  expect(asked).toEqual([]);
});

it("runs no more changes than the user was shown", async () => {
  const session = await serveDatabase(
    { dbPath: database.path, readWrite: true, confirm: true },
    {
      client: { capabilities: { elicitation: {} } },
      prepare(client) {
        client.setRequestHandler("elicitation/create", () => {
          database.exec("INSERT INTO log(a) VALUES ('meanwhile')");
          return yes;
        });
      },
    },
  );
  await using _ = session;

  const { code, text } = await session.call("write_query", { query: "DELETE FROM log" });

  expect(code).toBe("AFFECTED_ROWS_EXCEEDED");
  expect(text).toContain("limit 150");
  expect(database.rows("SELECT count(*) FROM log")).toEqual([[151]]);
});
