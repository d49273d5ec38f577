import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServedSource } from "./dev/served-source.ts";
import { watchSources } from "./dev/watch-sources.ts";
import { demos } from "./start/demos.ts";

// Serves one server of the repository from its source, over HTTP with demo data, and again after each change.
const root = join(import.meta.dirname, "..");
const [name = "", port] = process.argv.slice(2);
const demo = demos.find((one) => one.name === name);
if (demo === undefined) {
  process.stderr.write(`Which server? One of ${demos.map((one) => one.name).join(", ")}, then perhaps a port.\n`);
  process.exit(2);
}

const folder = await mkdtemp(join(tmpdir(), `bothways-dev-${name}-`));
const args = [...(await demo.prepare(folder)), "--transport", "sse", "--port", port ?? String(demo.port)];
const server = new ServedSource(root, join("apps", name, "src/cli.ts"), args);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end());
watchSources([join(root, "apps", name, "src"), join(root, "packages/kit/src")], () => void server.reload());
await server.reload();

async function end(): Promise<void> {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
}
