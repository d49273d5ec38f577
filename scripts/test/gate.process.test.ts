import { chmodSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { HouseCopy, type Outcome, repository } from "./house-copy.ts";

/** Runs `.ci/run` with an `npx` that only records what it was asked and answers as told. */
class Gate extends HouseCopy {
  constructor() {
    super([".ci/run"]);
    const npx = `#!/bin/sh
echo "$*" >>"${this.root}/asked"
case "$*" in
  *"$FAILING") echo "something is wrong"; exit 1 ;;
  "-y pnpm@12 test") echo; echo "$TESTS" ;;
  *test:dist) printf '\\n10 passed, 0 failed, 1 skipped\\n' ;;
esac
`;
    this.write("bin/npx", npx);
    chmodSync(join(this.root, "bin/npx"), 0o755);
  }

  gate({ failing = "nothing", tests = "100 passed, 0 failed, 2 skipped" } = {}): Outcome {
    return this.run(`PATH="${this.root}/bin:$PATH" bash .ci/run`, { FAILING: failing, TESTS: tests });
  }

  asked(): string[] {
    return readFileSync(join(this.root, "asked"), "utf8").trim().split("\n");
  }
}

const commands = [
  "-y pnpm@12 install --frozen-lockfile",
  "-y pnpm@12 lint",
  "-y pnpm@12 typecheck",
  "-y pnpm@12 build",
  "-y pnpm@12 test",
  "-y pnpm@12 test:dist",
  "-y pnpm@12 conformance",
  "-y pnpm@12 docs:check",
  "-y pnpm@12 knip",
  "-y pnpm@12 changeset:check",
];

const lastLine = (output: string): string | undefined => output.trimEnd().split("\n").at(-1);

it("runs every step in order and ends with the sum of the runners' closing lines", () => {
  using house = new Gate();

  const { code, stdout } = house.gate();

  expect(house.asked()).toEqual(commands);
  expect(code).toBe(0);
  expect(lastLine(stdout)).toBe("110 passed, 0 failed, 3 skipped");
  expect(stdout).toMatch(/^--- Types: \d+ s$/m);
});

it.each([
  ["pnpm@12 lint", "Format and lint (again: npx -y pnpm@12 lint)"],
  ["pnpm@12 typecheck", "Types (again: npx -y pnpm@12 typecheck)"],
  ["pnpm@12 build", "Build, publint, attw (again: npx -y pnpm@12 build)"],
  ["pnpm@12 test", "Tests (the README's command) (again: npx -y pnpm@12 test)"],
  ["test:dist", "Built packages (again: npx -y pnpm@12 test:dist)"],
  ["conformance", "Protocol conformance (again: npx -y pnpm@12 conformance)"],
  ["docs:check", "Docs (again: npx -y pnpm@12 docs:check)"],
  ["knip", "No dead code or stray dependency (again: npx -y pnpm@12 knip)"],
  ["changeset:check", "Changesets (again: npx -y pnpm@12 changeset:check)"],
])("names the step when %s fails, runs the rest and exits 1", (failing, title) => {
  using house = new Gate();

  const { code, stdout } = house.gate({ failing });

  expect(code).toBe(1);
  expect(house.asked()).toEqual(commands);
  expect(stdout).toContain(`\nFailed: ${title}\n`);
  expect(lastLine(stdout)).toMatch(/^\d+ passed, 0 failed, \d+ skipped$/);
});

it("ends after an install that failed, still with a closing line", () => {
  using house = new Gate();

  const { code, stdout } = house.gate({ failing: "--frozen-lockfile" });

  expect(code).toBe(1);
  expect(house.asked()).toEqual(commands.slice(0, 1));
  expect(stdout).toContain("Failed: Dependencies match the lockfile");
  expect(lastLine(stdout)).toBe("0 passed, 0 failed, 0 skipped");
});

it("fails when no test ran", () => {
  using house = new Gate();

  const { code, stdout } = house.gate({ failing: "test:dist", tests: "0 passed, 0 failed, 0 skipped" });

  expect(code).toBe(1);
  expect(stdout).toContain("Failed: No test ran");
});

it("names the package of a program that is missing", () => {
  using house = new Gate();
  for (const program of ["bash", "cat", "awk", "tee", "mktemp", "rm", "dirname", "node", "tar", "mkfifo"])
    symlinkSync(house.run(`command -v ${program}`).stdout.trim(), join(house.root, "bin", program));

  const { code, stdout } = house.run(`PATH="${house.root}/bin" bash .ci/run`);

  expect(code).toBe(1);
  expect(stdout).toContain('git is missing; install the package "git".');
  expect(lastLine(stdout)).toBe("0 passed, 0 failed, 0 skipped");
});

const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

it.each([
  ["a format slip", "export const a = {b:1}\n"],
  ["a finding of the linter", "export const a: any = 1;\n"],
])("fails the lint step for %s and names the file", (_, code) => {
  using house = new HouseCopy(["biome.json", ".oxlintrc.json", ".gitignore", "tsconfig.base.json"]);
  house.write("tsconfig.json", '{ "extends": "./tsconfig.base.json", "compilerOptions": { "types": [] } }\n');
  house.write("packages/a/src/fine.ts", "export const a = 1;\n");
  house.run("git init --quiet");
  const before = house.run(scripts.lint);
  house.write("packages/a/src/slip.ts", code);

  const after = house.run(scripts.lint);

  expect(before).toMatchObject({ code: 0 });
  expect(after.code).not.toBe(0);
  expect(after.output).toContain("slip.ts");
});

it("fails the dead-code step for an export that nobody imports, and names it", () => {
  using house = new HouseCopy(["knip.jsonc"]);
  house.write("package.json", '{ "name": "house", "private": true, "type": "module", "workspaces": ["packages/*"] }');
  house.write("packages/a/package.json", '{ "name": "a", "type": "module", "exports": "./src/index.ts" }');
  house.write("packages/a/src/index.ts", 'export { used } from "./part.ts";\n');
  house.write("packages/a/src/part.ts", "export const used = 1;\n");
  const before = house.run(scripts.knip);
  house.write("packages/a/src/part.ts", "export const used = 1;\nexport const forgotten = 2;\n");

  const after = house.run(scripts.knip);

  expect(before).toMatchObject({ code: 0 });
  expect(after.code).not.toBe(0);
  expect(after.output).toContain("forgotten");
});
