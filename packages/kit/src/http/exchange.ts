import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../define-tool.ts";

/** One HTTP request that passed the edge: Host, Origin, path, method and authentication are settled. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As sent, without the query. */
  readonly path: string;
  /** Only the SSE message endpoint looks at it. */
  readonly query: URLSearchParams;
  /** Absent without authentication. */
  readonly principal?: Principal;
}
