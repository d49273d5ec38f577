import { dirname } from "node:path";
import { openConnection } from "../../../../apps/sqlite/src/engine/connection.ts";
import { type DatabaseFile, identify } from "../../../../apps/sqlite/src/engine/database-file.ts";
import { type Bench, defineBench } from "../../harness/define-bench.ts";
import { createItems, pointQuery } from "./engines.ts";

const rows = 10_000;

export const sqliteStatementCache: Bench = defineBench({
  name: "sqlite",
  title: "the same point query inside the engine: prepared statements",
  metrics: { rate: { title: "queries", unit: "per-second" } },
  sides: { "prepared each time": false, "repeated text": true },
  repeat: 2,
  prepare: async ({ scratch }) => ({ path: createItems(scratch, rows), [Symbol.asyncDispose]: async () => {} }),
  async measure(isRepeated, { quick, shared }) {
    using connection = open(shared.path);
    const count = quick ? 5000 : 20_000;
    const start = performance.now();
    for (let index = 0; index < count; index += 1) {
      const sql = isRepeated ? pointQuery : `${pointQuery} -- ${index}`;
      connection.statement("read", sql).get(index % rows);
    }
    return { rate: (count / (performance.now() - start)) * 1000 };
  },
  ratios: [{ of: "repeated text", to: "prepared each time", metric: "rate", direction: "at-least", target: 2 }],
});

function open(path: string) {
  const file: DatabaseFile = { name: "main", places: [{ path, root: dirname(path) }], create: "never" };
  const found = identify(file);
  if (found === undefined) throw new Error("the database was not created");
  const request = { access: "read", found, create: false, isOpen: false, identify: () => identify(file) } as const;
  return openConnection(request, { immutable: false, busyTimeout: 1000, maxGrowth: 0 });
}
