import type { Bench } from "../harness/define-bench.ts";
import { coldStart } from "./cold.ts";
import { hostileBodies } from "./hostile-bodies.ts";
import { httpModern } from "./http.ts";
import { longLines } from "./long-lines.ts";
import { idleMemory, sessionMemory } from "./memory.ts";
import { scaleBody, scaleSessions, scaleTools } from "./scale.ts";
import { httpSessions } from "./sessions.ts";
import { stdioEcho } from "./stdio.ts";
import { toolList } from "./tool-list.ts";

/** Every bench, in the order in which they run and are documented. */
export const benches: readonly Bench[] = [
  coldStart,
  stdioEcho,
  longLines,
  httpModern,
  toolList,
  hostileBodies,
  httpSessions,
  idleMemory,
  sessionMemory,
  scaleTools,
  scaleSessions,
  scaleBody,
];
