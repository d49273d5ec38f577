import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createDemoDatabase } from "../src/index.ts";
import { createDatabase } from "./databases.ts";
import { serveDatabase } from "./session.ts";

it("creates a shop that is the same on every machine, and leaves it alone afterwards", async () => {
  using scratch = createDatabase();
  const path = join(scratch.directory, "demo.db");

  await Promise.all([createDemoDatabase(path), createDemoDatabase(path)]);
  await createDemoDatabase(path);

  expect(readdirSync(scratch.directory).toSorted()).toEqual(["demo.db", "shop.db"]);
  await using session = await serveDatabase({ dbPath: path });
  const read = async (query: string) => (await session.call("read_query", { query })).data["rows"];
  expect(await read("SELECT count(*), min(ordered_on), max(ordered_on), sum(total_cents) FROM orders")).toEqual([
    [900, "2024-01-01", "2025-06-30", 9121530],
  ]);
  expect(await read("SELECT count(*), count(DISTINCT country) FROM customers")).toEqual([[120, 6]]);
  expect(await read("SELECT count(*) FROM products")).toEqual([[16]]);
  expect(
    await read(
      "SELECT count(*) FROM orders WHERE total_cents <> (SELECT sum(quantity * unit_price_cents) FROM order_items WHERE order_id = id)",
    ),
  ).toEqual([[0]]);
  expect((await session.call("check_database", { deep: true })).data).toMatchObject({
    ok: true,
    foreign_key_problems: [],
  });
});
