/** A main process of its own for tests that kill it: starts a runaway read and a runaway write, then reports. */
import { endless, enginesOf, openPool, reading, until, writing } from "./engine-fixture.ts";

const engines = await openPool(process.argv[2], { readWrite: true });
await engines.rows("SELECT 1");
void engines.failure(reading(`${endless} SELECT count(*) FROM c`));
void engines.failure(writing(`${endless} INSERT INTO items SELECT x, x FROM c WHERE x > 1`));
await until(() => enginesOf().length >= 3, 10_000);
await new Promise((resolve) => setTimeout(resolve, 300));
process.send?.("running");
