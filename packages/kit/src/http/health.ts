import type { IncomingMessage, ServerResponse } from "node:http";
import type { Runtime } from "../runtime.ts";
import { sendJson } from "./respond.ts";

const methods = "GET, HEAD";

/** Answers `/healthz` and `/readyz`; false for any other path. No Host check, no authentication: probes have neither. */
export function answerHealth(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  runtimes: readonly Runtime[],
): boolean {
  if (path !== "/healthz" && path !== "/readyz") return false;
  if (request.method !== "GET" && request.method !== "HEAD") {
    sendJson(response, 405, { status: "unavailable" }, { Allow: methods });
    return true;
  }
  const status = path === "/healthz" ? "ok" : readiness(runtimes);
  sendJson(response, status === "ok" || status === "ready" ? 200 : 503, { status });
  return true;
}

function readiness(runtimes: readonly Runtime[]): "ready" | "draining" | "unavailable" {
  if (runtimes.some((runtime) => runtime.phase === "draining" || runtime.phase === "closed")) return "draining";
  return runtimes.every((runtime) => runtime.isReady) ? "ready" : "unavailable";
}
