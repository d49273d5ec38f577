import { expect, it } from "vitest";
import { nameFromPath, nearNames } from "../src/sql/names.ts";

it.each([
  ["/Users/alice/data/app.db", "app"],
  ["Shop 2024.SQLite3", "shop_2024"],
  ["C:\\data\\my.orders.db", "my_orders"],
  ["noext", "noext"],
  ["./.hidden", "_hidden"],
  ["ümlaut.db", "_mlaut"],
])("calls the database of %s %s", (path, name) => {
  expect(nameFromPath(path)).toBe(name);
});

it.each([
  ["custmers", ["customers"]],
  ["Customer", ["customers"]],
  ["order", ["orders", "order_items"]],
  ["xyz", []],
])("finds what %s may have meant", (wanted, near) => {
  expect(nearNames(wanted, ["customers", "orders", "order_items", "products"])).toEqual(near);
});

it("offers three names at most", () => {
  expect(nearNames("log", ["log1", "log2", "log3", "log4"])).toHaveLength(3);
});
