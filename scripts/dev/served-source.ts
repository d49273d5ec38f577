import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A server that runs from its source; a change that does not load leaves the last good process serving. */
export class ServedSource {
  readonly #root: string;
  readonly #cli: string;
  readonly #args: readonly string[];
  #serving: ChildProcess | undefined;
  #reloading: Promise<void> | undefined;
  #isDirty = false;
  #isStopped = false;

  /** @param cli Relative to the root, as are paths in messages. */
  constructor(root: string, cli: string, args: readonly string[]) {
    this.#root = root;
    this.#cli = cli;
    this.#args = args;
  }

  /** Replaces the process by one that runs the source as it is now; calls during a reload cause one more. */
  reload(): Promise<void> {
    this.#isDirty = true;
    this.#reloading ??= this.#reloadWhileDirty().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  /** Ends the process after it has drained. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#reloading;
    await this.#endServing();
  }

  async #reloadWhileDirty(): Promise<void> {
    while (this.#isDirty && !this.#isStopped) {
      this.#isDirty = false;
      if (!(await this.#loads())) continue;
      await this.#endServing();
      if (this.#isStopped) return;
      this.#serving = this.#start([...this.#args, "--shutdown-timeout", "1s"], "inherit");
    }
  }

  /** Loads every module of the server in a process of its own, which says on stderr what is wrong. */
  async #loads(): Promise<boolean> {
    const [code] = await once(this.#start(["--help"], "ignore"), "exit");
    if (code !== 0 && this.#serving) process.stderr.write("The last version that loaded keeps serving.\n");
    return code === 0;
  }

  async #endServing(): Promise<void> {
    const child = this.#serving;
    this.#serving = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  }

  #start(args: readonly string[], stdout: "inherit" | "ignore"): ChildProcess {
    const flags = ["-C", "@bothways/source", this.#cli, ...args];
    return spawn(process.execPath, flags, { cwd: this.#root, stdio: ["ignore", stdout, "inherit"] });
  }
}
