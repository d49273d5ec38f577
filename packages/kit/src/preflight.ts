import { mkdirSync, statSync } from "node:fs";
import * as nodeModule from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { guardStdout } from "./stdio/guard-stdout.ts";

/** First import of every bin: nothing native or third-party may load before this check. */
if (!isSupported(process.versions.node)) {
  process.stderr.write(`Bothways needs Node 22.13 or newer; this is ${process.version}. Update Node and retry.\n`);
  process.exit(2);
}
guardStdout();
keepCompiledCode();

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 13);
}

/**
 * Lets the next start load compiled code, which halves the time to the first answer.
 *
 * Node's own default is a directory that every user of the machine may write to, and whoever fills it runs code as us.
 */
function keepCompiledCode(): void {
  // The operator's own choice, which Node has acted on before this line.
  if (process.env["NODE_COMPILE_CACHE"]) return;
  try {
    const base = cacheHome();
    // An empty HOME: nothing may be written to whatever directory the host started us in.
    if (!isAbsolute(base)) return;
    const own = join(base, "bothways");
    const directory = join(own, "compiled");
    // One level at a time: a recursive call never returns where the system denies that a parent exists (`/proc`).
    for (const level of [base, own, directory]) makeDirectory(level);
    // Under `sudo` the home may be another user's.
    if (process.getuid === undefined || statSync(own).uid === process.getuid())
      nodeModule.enableCompileCache(directory);
  } catch {
    // A home that is absent or read-only costs time, nothing else.
  }
}

/** The directory for what may be lost, as the platform names it. */
function cacheHome(): string {
  if (process.platform === "win32") return process.env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  const configured = process.env["XDG_CACHE_HOME"] ?? "";
  return isAbsolute(configured) ? configured : join(homedir(), ".cache");
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
