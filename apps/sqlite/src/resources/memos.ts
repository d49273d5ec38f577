/** The memo of one caller: insights in order of arrival, the oldest dropped first. */
interface Memo {
  readonly insights: string[];
  readonly listeners: Set<() => void>;
}

const maxInsights = 1000;

/** Callers whose memo is kept, and UTF-16 units of all memos; the one not used for longest goes first. */
const maxMemos = 200;
const maxSize = 32 * 1024 * 1024;

/** Text of a memo nobody wrote to. */
const emptyMemo = "No insights yet. append_insight adds one.";

/** Business insights per caller, in memory only; callers without authentication share one memo. */
export class Memos {
  readonly #memos = new Map<string, Memo>();
  #size = 0;

  /** Adds an insight and tells the caller's subscribers; returns how many are kept. */
  append(principalId: string | undefined, insight: string): number {
    const memo = this.#memo(principalId);
    const line = oneLine(insight);
    memo.insights.push(line);
    this.#size += line.length;
    if (memo.insights.length > maxInsights) this.#size -= memo.insights.shift()?.length ?? 0;
    if (this.#size > maxSize) this.#dropOldest(memo);
    for (const listener of memo.listeners) listener();
    return memo.insights.length;
  }

  /** One bullet line for each insight. */
  text(principalId: string | undefined): string {
    const insights = this.#memos.get(principalId ?? "")?.insights ?? [];
    return insights.length === 0 ? emptyMemo : insights.map((insight) => `- ${insight}`).join("\n");
  }

  /** Calls `updated` after every insight of this caller until it is disposed. */
  watch(principalId: string | undefined, updated: () => void): Disposable {
    const { listeners } = this.#memo(principalId);
    // A wrapper, so that the same function may watch twice.
    const listener = (): void => updated();
    listeners.add(listener);
    return {
      [Symbol.dispose]() {
        listeners.delete(listener);
      },
    };
  }

  #memo(principalId = ""): Memo {
    const memo = this.#memos.get(principalId) ?? { insights: [], listeners: new Set() };
    this.#memos.delete(principalId);
    this.#memos.set(principalId, memo);
    if (this.#memos.size > maxMemos) this.#dropOldest(memo);
    return memo;
  }

  #dropOldest(kept: Memo): void {
    for (const [principalId, memo] of this.#memos) {
      if (memo === kept || memo.listeners.size > 0) continue;
      this.#memos.delete(principalId);
      for (const { length } of memo.insights) this.#size -= length;
      return;
    }
  }
}

/** An insight cannot start a second line that would look like another insight. */
function oneLine(insight: string): string {
  return insight.replaceAll(/[\r\n\u2028\u2029\u0085\v\f]+/g, " ").trim();
}
