import type { Bench } from "../harness/define-bench.ts";
import { httpModern } from "./http.ts";

/** Every bench, in the order in which they run and are documented. */
export const benches: readonly Bench[] = [httpModern];
