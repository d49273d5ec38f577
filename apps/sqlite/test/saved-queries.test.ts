import { KitError } from "@bothways/kit";
import { expect, it } from "vitest";
import { parseSavedQueries } from "../src/sql/saved-queries.ts";

const rules = { taken: new Set(["read_query"]), databases: ["shop", "log"], anyDatabase: false, maxSql: 1000 };

function startError(text: string): string {
  try {
    parseSavedQueries(text, rules);
    return "accepted";
  } catch (error) {
    if (error instanceof KitError) return error.message;
    throw error;
  }
}

const topCustomers = `
queries:
  top_customers:
    description: Best customers of a region
    database: shop
    sql: SELECT name, total FROM customers WHERE region = :region ORDER BY total DESC LIMIT :n;
    params:
      region: { type: string, enum: [north, south] }
      n: { type: integer, default: 10, minimum: 1, maximum: 100 }
`;

it("reads the example of the documentation", () => {
  expect(parseSavedQueries(topCustomers, rules)).toEqual([
    {
      name: "top_customers",
      description: "Best customers of a region",
      database: "shop",
      mode: "read",
      sql: "SELECT name, total FROM customers WHERE region = :region ORDER BY total DESC LIMIT :n",
      params: {
        region: { type: "string", enum: ["north", "south"] },
        n: { type: "integer", default: 10, minimum: 1, maximum: 100 },
      },
    },
  ]);
});

it("reads JSON as well, in the order of the file", () => {
  const text = JSON.stringify({
    queries: {
      zebra: { description: "z", sql: "select 1" },
      add: { description: "a", sql: "insert into t values(:v)", mode: "write", params: { v: { type: "string" } } },
    },
  });

  expect(parseSavedQueries(text, rules).map(({ name, mode }) => [name, mode])).toEqual([
    ["zebra", "read"],
    ["add", "write"],
  ]);
});

it.each([
  ["queries: [", "not valid YAML"],
  ["nothing: {}", "--queries"],
  ["queries: { a: { sql: select 1 } }", "a.description"],
  ["queries: { a: { description: x, sql: select 1, extra: 1 } }", "extra"],
  ["queries: { Bad: { description: x, sql: select 1 } }", "Bad: the name must match"],
  ["queries: { read_query: { description: x, sql: select 1 } }", "belongs to another tool"],
  ["queries: { a: { description: x, sql: select 1, database: nope } }", "configured databases"],
  ["queries: { a: { description: x, sql: 'select :p' } }", ":p is not declared"],
  ["queries: { a: { description: x, sql: select 1, params: { p: { type: string } } } }", "params.p is not used"],
  ["queries: { a: { description: x, sql: 'select ?' } }", "write :name"],
  ["queries: { a: { description: x, sql: delete from t } }", "mode: write"],
  ["queries: { a: { description: x, sql: with x as (select 1) delete from t } }", "mode: write"],
  ["queries: { a: { description: x, sql: select 1, mode: write } }", "STATEMENT_NOT_ALLOWED"],
  ["queries: { a: { description: x, sql: pragma user_version } }", "STATEMENT_NOT_ALLOWED"],
  ["queries: { a: { description: x, sql: select 1; select 2 } }", "MULTIPLE_STATEMENTS"],
  ["queries: { a: { description: x, sql: 'select :p', params: { p: { type: float } } } }", "params.p.type"],
  [
    "queries: { a: { description: x, sql: 'select :p', params: { p: { type: integer, default: x } } } }",
    "of type integer",
  ],
  [
    "queries: { a: { description: x, sql: 'select :p', params: { p: { type: integer, default: 9, maximum: 5 } } } }",
    "bounds",
  ],
  [
    "queries: { a: { description: x, sql: 'select :p', params: { p: { type: string, enum: [a], default: b } } } }",
    "one of enum",
  ],
  [
    "queries: { a: { description: x, sql: 'select :p', params: { p: { type: string, minimum: 1 } } } }",
    "minimum and maximum",
  ],
])("refuses %j at start and says what to change", (text, fact) => {
  const message = startError(text);

  expect(message).toMatch(/^--queries: /);
  expect(message).toContain(fact);
});

it("does not let aliases blow up a small file", () => {
  const lines = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    ..."bcdefgh".split("").map(
      (name, index) =>
        `${name}: &${name} [${"*"
          .concat("abcdefgh"[index] ?? "", ", ")
          .repeat(9)
          .slice(0, -2)}]`,
    ),
  ];

  expect(startError(lines.join("\n"))).toContain("not valid YAML");
});
