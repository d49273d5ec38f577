import { expect, it } from "vitest";
import { changedPackages, isChangeset, releasedBy } from "../changeset/changed-packages.ts";
import { HouseCopy, type Outcome, repository } from "./house-copy.ts";

/** A repository with one published package, committed on `main`. */
class History extends HouseCopy {
  constructor() {
    super([]);
    this.write("packages/a/package.json", '{ "name": "@bothways/a" }');
    this.write("packages/a/src/index.ts", "export const a = 1;\n");
    this.git("init --quiet --initial-branch=main");
    this.commit("one");
  }

  git(command: string): void {
    const { code, output } = this.run(`git -c user.name=t -c user.email=t@example.com ${command}`);
    if (code !== 0) throw new Error(output);
  }

  commit(message: string): void {
    this.git("add --all");
    this.git(`commit --quiet --message ${message}`);
  }

  change(): void {
    this.write("packages/a/src/index.ts", `export const a = ${JSON.stringify(Math.random())};\n`);
  }

  check(): Outcome {
    return this.run(`node ${repository}scripts/changeset.ts ${this.root}`);
  }
}

const changeset = '---\n"@bothways/a": patch\n---\n\nDo better.\n';

it("refuses a branch that changes source without a changeset, and says what to do", () => {
  using history = new History();
  history.git("checkout --quiet -b better");
  history.change();
  history.commit("two");

  const { code, output } = history.check();

  expect(code).toBe(1);
  expect(output).toMatch(/^packages\/a\/src changed since [0-9a-f]{12} without a changeset for @bothways\/a\.$/m);
  expect(output).toContain("Add one: a file in .changeset/");
});

it("refuses it also while the change is not committed", () => {
  using history = new History();
  history.git("checkout --quiet -b better");
  history.write("README.md", "A house.\n");
  history.commit("two");
  history.write("packages/a/src/more.ts", "export const more = 1;\n");

  expect(history.check().code).toBe(1);
});

it("wants of a branch a changeset of its own, although another one waits", () => {
  using history = new History();
  history.write(".changeset/earlier.md", changeset);
  history.commit("two");
  history.git("checkout --quiet -b better");
  history.change();
  history.commit("three");
  const before = history.check();
  history.write(".changeset/better.md", changeset);

  expect([before.code, history.check().code]).toEqual([1, 0]);
});

it("accepts on main a change whose changeset waits for the release", () => {
  using history = new History();
  history.write(".changeset/earlier.md", changeset);
  history.commit("two");
  history.change();
  history.commit("three");

  expect(history.check()).toMatchObject({ code: 0, stdout: "1 changed packages, 0 without a changeset.\n" });
});

it("refuses on main a change that no changeset names", () => {
  using history = new History();
  history.write(".changeset/other.md", changeset.replace("@bothways/a", "@bothways/b"));
  history.change();
  history.commit("two");

  expect(history.check().code).toBe(1);
});

it("accepts an empty changeset for what no user notices, and changes beside the source", () => {
  using history = new History();
  history.git("checkout --quiet -b inside");
  history.write("packages/a/test/index.test.ts", "");
  history.commit("two");
  const besides = history.check();
  history.change();
  history.write(".changeset/inside.md", "---\n---\n\nTidy up.\n");
  history.commit("three");

  expect([besides.code, history.check().code]).toEqual([0, 0]);
});

it("compares with the branch of the remote in a clone, and is skipped by name where the history is cut off", () => {
  using history = new History();
  history.change();
  history.commit("two");
  using clones = new HouseCopy([]);
  clones.run(`git clone --quiet file://${history.root} full && git clone --quiet --depth 1 file://${history.root} cut`);
  clones.write("full/packages/a/src/index.ts", "export const a = 2;\n");
  const commit = "git -c user.name=t -c user.email=t@example.com commit --quiet --all --message three";
  const full = clones.run(`cd full && ${commit} && node ${repository}scripts/changeset.ts .`);
  const cut = clones.run(`node ${repository}scripts/changeset.ts cut`);

  expect(full.code).toBe(1);
  expect(cut.code).toBe(0);
  expect(cut.stdout).toBe(
    "Skipped: the history holds no commit to compare with (git fetch --unshallow brings it).\n\n0 passed, 0 failed, 1 skipped\n",
  );
});

it("knows source from everything else", () => {
  const paths = [
    "apps/b/src/x/y.ts",
    "packages/a/src/i.ts",
    "packages/a/src/j.ts",
    "packages/a/test/i.ts",
    "bench/src/a.ts",
  ];

  expect(changedPackages(paths)).toEqual(["apps/b", "packages/a"]);
  expect(
    [".changeset/a.md", ".changeset/README.md", ".changeset/config.json", "docs/a.md"].filter(isChangeset),
  ).toEqual([".changeset/a.md"]);
});

it("reads which packages a changeset releases", () => {
  expect(releasedBy("---\n'@bothways/a': minor\n\"bothways\": patch\nplain: major\n---\n\nb: minor\n")).toEqual([
    "@bothways/a",
    "bothways",
    "plain",
  ]);
  expect(releasedBy("---\n---\n\nNothing.\n")).toEqual([]);
});
