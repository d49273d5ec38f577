import { defineConfig } from "vitest/config";
import { closingLine } from "./scripts/closing-line.ts";

export default defineConfig({
  // Tests read our packages from src, so that no build has to precede them.
  ssr: { resolve: { conditions: ["@bothways/source"] } },
  test: {
    reporters: ["default", closingLine],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{packages/*,apps/*,scripts,bench}/test/**/*.test.ts"],
          exclude: ["**/*.{process,dist}.test.ts"],
        },
      },
      {
        extends: true,
        // Real child processes and sockets: one file at a time, so that two cores do not turn load into flakes.
        test: {
          name: "process",
          include: ["{packages/*,apps/*,scripts}/test/**/*.process.test.ts"],
          fileParallelism: false,
          testTimeout: 30_000,
        },
      },
      {
        // What users install: needs `pnpm build` first, and no source condition.
        test: { name: "dist", include: ["{packages/*,apps/*,scripts}/test/**/*.dist.test.ts"], testTimeout: 30_000 },
      },
    ],
  },
});
