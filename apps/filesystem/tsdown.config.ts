import { defineConfig } from "tsdown";
import { appBuild } from "../../scripts/app-build.ts";

export default defineConfig(
  appBuild({ children: ["src/search/regex-worker-entry.ts"], external: ["@vscode/ripgrep"] }),
);
