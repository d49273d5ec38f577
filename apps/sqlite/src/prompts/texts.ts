/** Texts of the prompts. Arguments stand in them as quoted data, never as part of a sentence. */

/** A tour of the tools on a topic of the user's choice. */
export function demo(topic: string): string {
  return `Show me what this SQLite server can do, with the topic below as the example.

${quoted("topic", topic)}

Work in small steps and wait for my answer where you offer a choice:
1. Invent a short business question about the topic that data could answer.
2. Look at list_tables. If nothing there fits and create_table is available, create two or three small tables for the
   topic and fill them with believable rows (execute_transaction keeps them together). If the server is read-only, use
   the tables that exist and say so.
3. Answer the question with two or three read_query calls; explain each statement in one sentence before you run it.
4. After each finding worth keeping, call append_insight.
5. Close with the memo at memo://insights and name one question worth asking next.`;
}

/** What a table holds. */
export function analyzeTable(table: string, database: string | undefined): string {
  const where = database === undefined ? "" : `\n${quoted("database", database)}`;
  return `Analyze the table below.

${quoted("table", table)}${where}

1. describe_table for its columns, keys and indexes; profile_table for what the columns hold.
2. Say in plain words what one row stands for.
3. Point out what stands out: empty or constant columns, odd values, ranges that look wrong, missing keys or indexes.
4. Check each suspicion with one read_query before you call it a finding.
5. End with at most five findings, most important first, each with the query that shows it.`;
}

/** Why a query is slow. */
export function optimizeQuery(query: string): string {
  return `Find out why the query below could be slow and make it faster without changing its result.

${quoted("query", query)}

1. explain_query for its plan; name every full scan, temporary B-tree and automatic index.
2. describe_table for the tables involved: which indexes exist, which columns are filtered and joined?
3. Propose at most three changes, a rewritten query or an index each, and explain_query the rewritten ones.
4. Compare the plans, recommend one change, and say what it costs on writes. Change nothing by yourself.`;
}

/** Tables for a purpose. */
export function designSchema(description: string): string {
  return `Design a SQLite schema for the purpose below.

${quoted("description", description)}

1. List the things to be stored and how they relate; ask me about what is unclear.
2. Propose tables in third normal form: STRICT where it helps, primary keys, foreign keys with actions, NOT NULL and
   CHECK where a rule is known, money as integer cents, dates as ISO 8601 text.
3. Propose indexes only for queries you can name.
4. Show the CREATE statements. Run them (create_table, alter_schema, dry_run first) only after I agree.`;
}

/** JSON quoting, so that the argument can end neither its line nor its quotes. */
function quoted(name: string, value: string): string {
  return `${name}: ${JSON.stringify(value)}`;
}
