import { defineConfig } from "tsdown";
import { appBuild } from "../../scripts/app-build.ts";

export default defineConfig(
  appBuild({
    children: ["src/engine/engine-entry.ts", "src/engine/watchdog-entry.ts"],
    external: ["better-sqlite3"],
  }),
);
