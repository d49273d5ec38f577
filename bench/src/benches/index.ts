import type { Bench } from "../harness/define-bench.ts";
import { coldStart } from "./cold.ts";
import { edgeChecks } from "./edge.ts";
import { manyEdits, singleEdit } from "./filesystem/edits.ts";
import { largeFileOffset, largeFilePages } from "./filesystem/large-files.ts";
import { contentSearch, directoryTree, nameSearch } from "./filesystem/searches.ts";
import { durableWrites, smallReads } from "./filesystem/small-files.ts";
import { hostileBodies } from "./hostile-bodies.ts";
import { httpModern } from "./http.ts";
import { longLines } from "./long-lines.ts";
import { idleMemory, sessionMemory } from "./memory.ts";
import { scaleBody, scaleSessions, scaleTools } from "./scale.ts";
import { httpSessions } from "./sessions.ts";
import { sqliteFirstRows } from "./sqlite/first-rows.ts";
import { sqliteImport } from "./sqlite/import-csv.ts";
import { sqlitePointQuery } from "./sqlite/point-query.ts";
import { sqliteRunaways } from "./sqlite/runaways.ts";
import { sqliteAtRest, sqliteStart } from "./sqlite/server.ts";
import { sqliteStatementCache } from "./sqlite/statement-cache.ts";
import { stdioEcho } from "./stdio.ts";
import { toolList } from "./tool-list.ts";

/** Every bench, in the order in which they run and are documented. */
export const benches: readonly Bench[] = [
  coldStart,
  stdioEcho,
  longLines,
  httpModern,
  toolList,
  edgeChecks,
  hostileBodies,
  httpSessions,
  idleMemory,
  sessionMemory,
  scaleTools,
  scaleSessions,
  scaleBody,
  nameSearch,
  contentSearch,
  directoryTree,
  largeFilePages,
  largeFileOffset,
  singleEdit,
  manyEdits,
  smallReads,
  durableWrites,
  sqlitePointQuery,
  sqliteFirstRows,
  sqliteStatementCache,
  sqliteRunaways,
  sqliteImport,
  sqliteStart,
  sqliteAtRest,
];
