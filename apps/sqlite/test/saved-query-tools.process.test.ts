import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "./databases.ts";
import { serveDatabase } from "./session.ts";

let database: TestDatabase;
let queries: string;

beforeEach(() => {
  database = createDatabase();
  queries = join(database.directory, "queries.yaml");
  writeFileSync(
    queries,
    `
queries:
  best_orders:
    description: Best orders of a region.
    sql: >
      SELECT o.id, o.total FROM orders o JOIN customers c ON c.id = o.customer_id
      WHERE c.region = :region ORDER BY total DESC LIMIT :n;
    params:
      region: { type: string, enum: [north, south], description: Where the customer lives }
      n: { type: integer, default: 10, minimum: 1, maximum: 100 }
  rename_customer:
    description: Gives a customer another name.
    mode: write
    sql: UPDATE customers SET name = :name WHERE id = :id
    params:
      name: { type: string }
      id: { type: integer }
  kinds:
    description: Shows how values are bound.
    sql: SELECT typeof(:a), typeof(:b), typeof(:c), hex(:d), typeof(:e)
    params:
      a: { type: number }
      b: { type: boolean }
      c: { type: string, required: false }
      d: { type: blob }
      e: { type: string, default: null }
`,
  );
});
afterEach(() => database[Symbol.dispose]());

it("lists saved queries last, writes only with --read-write", async () => {
  await using reading = await serveDatabase({ dbPath: database.path, queries });
  await using writing = await serveDatabase({ dbPath: database.path, queries, readWrite: true });

  const names = async ({ client }: typeof reading) => (await client.listTools()).tools.map(({ name }) => name);

  expect((await names(reading)).slice(-3)).toEqual(["check_database", "best_orders", "kinds"]);
  expect((await names(writing)).slice(-3)).toEqual(["best_orders", "rename_customer", "kinds"]);
});

it("makes arguments of the declared parameters", async () => {
  await using session = await serveDatabase({ dbPath: database.path, queries });

  const { tools } = await session.client.listTools();

  expect(tools.find(({ name }) => name === "best_orders")).toMatchObject({
    description: "Best orders of a region.",
    annotations: { readOnlyHint: true },
    inputSchema: {
      type: "object",
      required: ["region"],
      additionalProperties: false,
      properties: {
        region: { type: "string", enum: ["north", "south"], description: "Where the customer lives" },
        n: { default: 10 },
      },
    },
  });
});

it("answers like read_query", async () => {
  await using session = await serveDatabase({ dbPath: database.path, queries });

  const { text, data } = await session.call("best_orders", { region: "north" });
  const one = await session.call("best_orders", { region: "north", n: 1 });

  expect(text).toBe('{"columns":["id","total"],"rows":[[2,700],[1,500]],"row_count":2}');
  expect(data).toMatchObject({
    rows: [
      [2, 700],
      [1, 500],
    ],
    truncated: false,
  });
  expect(one.data["rows"]).toEqual([[2, 700]]);
});

it("answers like write_query when it writes", async () => {
  await using session = await serveDatabase({ dbPath: database.path, queries, readWrite: true });

  const { data } = await session.call("rename_customer", { id: 1, name: "x', region = 'y" });

  expect(data).toMatchObject({ affected_rows: 1, committed: true });
  expect(database.rows("SELECT name, region FROM customers WHERE id = 1")).toEqual([["x', region = 'y", "north"]]);
});

it("binds each kind as SQLite stores it", async () => {
  await using session = await serveDatabase({ dbPath: database.path, queries });

  const { data } = await session.call("kinds", { a: 1.5, b: true, d: "AP8=" });

  expect(data["rows"]).toEqual([["real", "integer", "null", "00FF", "null"]]);
});

it.each([
  [{ region: "east" }],
  [{}],
  [{ region: "north", n: 0 }],
  [{ region: "north", n: 1.5 }],
  [{ region: "north", other: 1 }],
])("refuses the arguments %j", async (input) => {
  await using session = await serveDatabase({ dbPath: database.path, queries });

  expect((await session.call("best_orders", input)).code).toBe("INVALID_INPUT");
});

it("does not start with a query that SQLite cannot prepare", async () => {
  writeFileSync(queries, "queries: { broken: { description: x, sql: select nothing from nowhere } }");

  const started = serveDatabase({ dbPath: database.path, queries });

  await expect(started).rejects.toThrow(/--queries: broken: /);
});
