import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { ContentPage } from "../src/search/content-page.ts";
import { compileContentQuery } from "../src/search/content-query.ts";
import { searchWithRipgrep } from "../src/search/ripgrep-engine.ts";
import { type RipgrepReport, runRipgrep } from "../src/search/ripgrep-process.ts";
import { Selection } from "../src/search/selection.ts";
import { engines, indexed, linesOf, search, workspaceOf } from "./search-workspace.ts";
import { createWorkspace } from "./workspace.ts";

/** A line on which nested repetition takes for ever, unless the engine is made for it. */
const evil = `${"a".repeat(5000)}!\n`;

/** Names of this process's children that still run. */
function children(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        const [, name = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${id}/stat`, "utf8")) ?? [];
        const [state, parent] = rest.split(" ");
        return Number(parent) === process.pid && state !== "Z" ? [name] : [];
      } catch {
        // Ended between the listing and now.
        return [];
      }
    });
}

const everything = {
  path: ".",
  regex: false,
  caseSensitive: true,
  wholeWord: false,
  multiline: false,
  include: [],
  excludePatterns: [],
  respectGitignore: false,
  includeHidden: true,
  contextLines: 0,
  outputMode: "matches",
  maxResults: 100,
  maxMatchesPerFile: 100,
  maxFileBytes: 1 << 20,
} as const;

function emptyReport(): RipgrepReport {
  return { tooLarge: [], unreadable: 0, failed: false };
}

describe("a regular expression that backtracks without end", () => {
  it("is answered by ripgrep at once", async () => {
    await using workspace = workspaceOf({ "a.txt": `${evil}aaa\n` });
    const start = performance.now();

    const answer = await search(workspace, { pattern: "(a+)+$", regex: true });

    expect(linesOf(answer, workspace)).toEqual(["a.txt:2:1:aaa"]);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it("is stopped at the deadline in the other engine, while the event loop stays free", async () => {
    await using workspace = workspaceOf(
      { "a.txt": "aaa\n", "b.txt": evil, "c.txt": "aaa\n" },
      { ripgrep: "off", searchTimeout: 1000 },
    );
    let longest = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);

    const ended = new Promise((resolve) => {
      process.once("worker", (worker: Worker) => worker.once("exit", resolve));
    });

    const start = performance.now();
    const answer = await search(workspace, { pattern: "(a+)+$", regex: true });
    clearInterval(watch);
    await ended;

    expect(performance.now() - start).toBeLessThan(2500);
    expect(longest).toBeLessThan(500);
    expect(answer.data).toMatchObject({ truncated: true, stoppedReason: "timeout", engine: "builtin" });
    expect(linesOf(await search(workspace, { pattern: "^a+$", regex: true }), workspace)).toHaveLength(2);
  });
});

describe("a cancelled search", () => {
  it.each(engines)("with %s ends within 200 ms and leaves no process", async (_engine, ripgrep) => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`d${index % 50}/f${index}.txt`, "some text in a line\n".repeat(200)]),
    );
    await using workspace = workspaceOf(files, { ripgrep });
    // The best of three: what another process does on a busy machine is not this search's time.
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const stop = new AbortController();
      const searching = workspace.call(
        "search_files_content",
        { pattern: "(s|t).*(n|e)", regex: true, maxResults: 5000, maxMatchesPerFile: 200 },
        { signal: stop.signal },
      );
      await setTimeout(10);
      const start = performance.now();
      stop.abort(new Error("cancelled"));
      await expect(searching).rejects.toThrow("cancelled");
      times.push(performance.now() - start);
    }

    expect(Math.min(...times)).toBeLessThan(200);
    expect(children()).not.toContain("rg");
  });

  it("leaves no process when its results are enough before ripgrep has ended", async () => {
    const files = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`f${index}.txt`, "x y\n".repeat(100)]));
    await using workspace = workspaceOf(files);

    const answer = await search(workspace, { pattern: "x", maxResults: 5, maxMatchesPerFile: 100 });

    expect(answer.data).toMatchObject({ engine: indexed, truncated: true });
    expect(linesOf(answer, workspace)[0]).toBe("f0.txt:1:1:x y");
    expect(children()).not.toContain("rg");
  });
});

/** A shell script that stands in for ripgrep. */
function scriptIn(directory: string, script: string): string {
  const program = join(directory, "rg.sh");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return program;
}

/** Prints exactly these bytes, one by one. */
function printing(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `printf '\\${byte.toString(8).padStart(3, "0")}'`).join("\n");
}

function message(type: string, data: object): string {
  return `${JSON.stringify({ type, data })}\n`;
}

/** What ripgrep prints about one line of a file. */
function finding(path: string, text: string, offset: number): string {
  const match = { lines: { text }, absolute_offset: offset, submatches: [{ start: 0, end: 1 }] };
  return message("begin", { path: { text: path } }) + message("match", match) + message("end", {});
}

async function runScript(script: string, signal = new AbortController().signal) {
  await using workspace = createWorkspace();
  const program = scriptIn(workspace.base, script);
  const report = emptyReport();
  const directory = { fd: -1, dev: 0n, ino: 0n, path: workspace.R };
  const { containment } = workspace.files;
  const here: typeof containment = { ...containment, here: (_directory, act) => act(workspace.R) };
  const target = { kind: "directory", containment: here, directory } as const;
  const found: unknown[] = [];
  for await (const file of runRipgrep(program, [], target, report, signal)) found.push(file);
  return { found, report };
}

describe("what ripgrep says", () => {
  it("is not believed: nothing is reported that was not read in the file itself", async () => {
    await using workspace = workspaceOf({ "a.txt": "one\ntwo\n", ".env": "two\n" }, { deny: [".env"] });
    symlinkSync("../O", join(workspace.R, "out"));
    const claims = [
      finding("./a.txt", "two\n", 4),
      finding("./a.txt", "SECRET\n", 0),
      finding("./a.txt", "wo\n", 5),
      finding("./a.txt", "two\n", 400),
      finding("./out/s.txt", "SECRET", 0),
      finding("./../O/s.txt", "SECRET", 0),
      finding("../O/s.txt", "SECRET", 0),
      finding("./.env", "two\n", 0),
      finding("./gone.txt", "two\n", 0),
    ];
    const program = scriptIn(workspace.base, printing(claims.join("")));
    const ctx = { connection: {}, signal: new AbortController().signal };

    const page = await workspace.files.search(ctx, async (operation) => {
      using start = operation.scope.locate(".");
      const query = compileContentQuery({ ...everything, pattern: "t" });
      const legacy = workspace.files.legacyEncoding;
      const run = {
        operation,
        start,
        query,
        legacy,
        selection: new Selection(query, undefined),
        page: new ContentPage(query, 1 << 20, legacy),
        skipped: { binary: 0, tooLarge: 0, denied: 0, unreadable: 0 },
        stop: ctx.signal,
        progress: () => {},
      };
      await searchWithRipgrep(run, program, undefined);
      return run.page;
    });

    expect(page.matches).toEqual([{ path: join(workspace.R, "a.txt"), line: 2, column: 1, text: "two" }]);
  });

  it("may come in pieces of any size", async () => {
    const { found } = await runScript(printing(finding("./a", "é x\n", 3)));

    expect(found).toEqual([{ path: "./a", lines: [{ offset: 3, bytes: Buffer.from("é x\n"), matchAt: 0 }] }]);
  });

  it("tells what it could not read and what was too large", async () => {
    const { report } = await runScript(
      "echo 'rg: ./closed: Permission denied (os error 13)' >&2\n" +
        "echo 'rg: DEBUG|ignore::walk|walk.rs:1: ignoring ./a b.bin: 9000000 bytes' >&2\n" +
        "echo 'rg: DEBUG|ignore::walk|walk.rs:1: ignoring ./x: Ignore(...)' >&2\nexit 2",
    );

    expect(report).toEqual({ tooLarge: ["a b.bin"], unreadable: 1, failed: false });
  });

  it("counts as nothing when it cannot start or cannot begin", async () => {
    const report = emptyReport();
    await using workspace = createWorkspace();
    const target = { kind: "file", fd: 0 } as const;
    for await (const _file of runRipgrep(join(workspace.base, "none"), [], target, report, AbortSignal.timeout(5000))) {
      expect.unreachable();
    }

    expect(report.failed).toBe(true);
    expect((await runScript("echo 'rg: unrecognized flag' >&2; exit 2")).report.failed).toBe(true);
  });

  it("is cut off as soon as nobody wants more of it", async () => {
    await using workspace = createWorkspace();
    const program = scriptIn(workspace.base, `${printing(finding("./a", "x\n", 0))}\nexec sleep 30`);
    const target = { kind: "file", fd: 0 } as const;
    const start = performance.now();

    for await (const file of runRipgrep(program, [], target, emptyReport(), new AbortController().signal)) {
      expect(file.path).toBe("./a");
      break;
    }

    expect(performance.now() - start).toBeLessThan(3000);
    expect(children()).not.toContain("sleep");
  });

  it("is cut off when it does not end in time", async () => {
    const start = performance.now();

    await runScript("exec sleep 30", AbortSignal.timeout(200));

    expect(performance.now() - start).toBeLessThan(3000);
    expect(children()).not.toContain("sleep");
  });
});

describe("many results", () => {
  it("are read in order once they are too many to be collected", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`f${index}.txt`, `line x ${index}\n`.repeat(1000)]),
    );
    await using workspace = workspaceOf(files);
    await using other = workspaceOf(files, { ripgrep: "off" });
    const input = { pattern: "x", maxResults: 3000, maxMatchesPerFile: 1000 };

    const answer = await search(workspace, { ...input, maxResults: 700 });
    const counts = await search(workspace, { ...input, outputMode: "count" });

    expect(linesOf(answer, workspace)).toEqual(linesOf(await search(other, { ...input, maxResults: 700 }), other));
    expect(answer.data.engine).toBe(indexed);
    expect(counts.data.counts).toHaveLength(60);
    expect(counts.data.counts[59]).toMatchObject({ count: 1000 });
  });

  it("do not grow with a line that matches everywhere", async () => {
    await using workspace = workspaceOf({ "a.txt": "a".repeat(7 << 20) });

    const answer = await search(workspace, { pattern: "a" });

    expect(answer.data.matches).toMatchObject([{ line: 1, column: 1, textTruncated: true }]);
  });
});
