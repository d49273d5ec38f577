import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts", "src/preflight.ts", "src/testing/index.ts"],
  platform: "node",
  target: "node22.13",
  dts: { generator: "oxc" },
  sourcemap: true,
  failOnWarn: true,
  publint: true,
  attw: { profile: "esm-only" },
});
