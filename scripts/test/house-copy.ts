import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository under test. */
export const repository: string = fileURLToPath(new URL("../..", import.meta.url));

/** How a command ended. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly stdout: string;
}

/** An empty house with the configuration of the real one; disposing it removes it. */
export class HouseCopy implements Disposable {
  readonly root: string = mkdtempSync(join(tmpdir(), "bothways-house-"));

  /** @param configuration Files of the repository to copy, by path. */
  constructor(configuration: readonly string[]) {
    for (const path of configuration) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      copyFileSync(join(repository, path), join(this.root, path));
    }
  }

  /** Writes a file below the root. */
  write(path: string, content: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** Runs a shell command in the house, with the repository's tools on the path. */
  run(command: string, environment: NodeJS.ProcessEnv = {}): Outcome {
    const PATH = [join(repository, "node_modules/.bin"), dirname(process.execPath), process.env["PATH"]].join(":");
    const { status, stdout, stderr } = spawnSync("bash", ["-c", command], {
      cwd: this.root,
      encoding: "utf8",
      env: { ...process.env, PATH, NO_COLOR: "1", ...environment },
      input: "",
    });
    return { code: status, output: stdout + stderr, stdout };
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
