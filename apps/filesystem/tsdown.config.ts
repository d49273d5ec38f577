import { defineConfig } from "tsdown";
import { appBuild } from "../../scripts/app-build.ts";

export default defineConfig(appBuild({ external: ["@vscode/ripgrep"] }));
