import type { Connection } from "../connection.ts";
import type { DescribeTableAnswer, ForeignKey, JobOf } from "../protocol.ts";
import type { JobContext } from "../task.ts";
import { findTable, textOrNull } from "./schema-objects.ts";

/** Everything the schema says about one table or view; nothing of it is run. */
export function describeTable({ connection }: JobContext, job: JobOf<"describe_table">): DescribeTableAnswer {
  const { name, type } = findTable(connection, job.table);
  const sql = connection.row("SELECT sql FROM sqlite_schema WHERE name = ? AND type IN ('table', 'view')", name)?.[0];
  return {
    name,
    type,
    sql: textOrNull(sql),
    columns: columnsOf(connection, name),
    foreign_keys: foreignKeysOf(connection, name),
    referenced_by: referencesTo(connection, name),
    indexes: indexesOf(connection, name),
    triggers: connection
      .rows("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE", name)
      .map(([trigger, text]) => ({ name: String(trigger), sql: textOrNull(text) })),
  };
}

/** Columns in declaration order; none for a view that names a missing table. */
export function columnsOf(connection: Connection, table: string): DescribeTableAnswer["columns"] {
  let rows: (readonly unknown[])[];
  try {
    rows = connection.rows(
      'SELECT cid, name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid',
      table,
    );
  } catch {
    return [];
  }
  return rows.map(([cid, name, type, notnull, defaultValue, pk, hidden]) => ({
    cid: Number(cid),
    name: String(name),
    type: String(type),
    notnull: notnull === 1n,
    dflt_value: textOrNull(defaultValue),
    pk: Number(pk),
    hidden: hidden === 1n,
    generated: hidden === 2n ? "virtual" : hidden === 3n ? "stored" : null,
  }));
}

function foreignKeysOf(connection: Connection, table: string): ForeignKey[] {
  const rows = connection.rows(
    'SELECT id, "from", "table", "to", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY id, seq',
    table,
  );
  return foreignKeys(rows.map(([id, ...rest]) => [String(id), ...rest]));
}

function referencesTo(connection: Connection, table: string): DescribeTableAnswer["referenced_by"] {
  const rows = connection.rows(
    'SELECT s.name, k.id, k."from", k."table", k."to", k.on_update, k.on_delete ' +
      "FROM sqlite_schema s, pragma_foreign_key_list(s.name) k " +
      "WHERE s.type = 'table' AND k.\"table\" = ? COLLATE NOCASE ORDER BY s.name, k.id, k.seq",
    table,
  );
  const sources = new Set(rows.map(([source]) => String(source)));
  return [...sources].flatMap((source) => {
    const own = rows.filter(([name]) => name === source).map(([, id, ...rest]) => [String(id), ...rest]);
    return foreignKeys(own).map((key) => ({ from_table: source, ...key }));
  });
}

/** Rows of one table, `[id, from, table, to, on_update, on_delete]`, to one entry per key. */
function foreignKeys(rows: readonly (readonly unknown[])[]): ForeignKey[] {
  const keys = new Map<unknown, (readonly unknown[])[]>();
  for (const row of rows) keys.set(row[0], [...(keys.get(row[0]) ?? []), row]);
  return [...keys.values()].map((parts) => {
    const [, , table, , onUpdate, onDelete] = parts[0] ?? [];
    return {
      columns: parts.map(([, from]) => String(from)),
      table: String(table),
      to: parts.flatMap(([, , , to]) => (typeof to === "string" ? [to] : [])),
      on_update: String(onUpdate),
      on_delete: String(onDelete),
    };
  });
}

function indexesOf(connection: Connection, table: string): DescribeTableAnswer["indexes"] {
  const rows = connection.rows(
    'SELECT l.name, l."unique", l.origin, l.partial, s.sql FROM pragma_index_list(?) l ' +
      "LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = l.name ORDER BY l.seq",
    table,
  );
  return rows.map(([name, unique, origin, partial, sql]) => ({
    name: String(name),
    unique: unique === 1n,
    origin: String(origin),
    partial: partial === 1n,
    columns: connection
      .rows("SELECT name FROM pragma_index_info(?) ORDER BY seqno", name)
      .map(([column]) => textOrNull(column)),
    sql: textOrNull(sql),
  }));
}
