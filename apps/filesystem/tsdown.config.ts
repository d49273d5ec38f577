import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts", "src/cli.ts"],
  platform: "node",
  target: "node22.13",
  dts: { generator: "oxc", entry: "src/index.ts" },
  sourcemap: true,
  failOnWarn: true,
  publint: true,
  attw: { profile: "esm-only" },
});
