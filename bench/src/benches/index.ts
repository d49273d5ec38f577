import type { Bench } from "../harness/define-bench.ts";

/** Every bench, in the order in which they run and are documented. */
export const benches: readonly Bench[] = [];
