export { type ConnectOptions, clientOptionsFor, connect, type TestSession } from "./connect.ts";
export { type FaultProxy, type Faults, failAt, faultProxy } from "./faults.ts";
export { matrix } from "./matrix.ts";
export { type SpawnedServer, type SpawnOptions, spawnServer } from "./spawn-server.ts";
export { expectCleanStdout, surface } from "./surface.ts";
