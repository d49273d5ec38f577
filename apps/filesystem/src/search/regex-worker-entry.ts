import { parentPort } from "node:worker_threads";
import { regexMatches } from "./regex-matching.ts";
import type { RegexAnswer, RegexTask } from "./regex-worker.ts";

parentPort?.on("message", ({ source, ignoreCase, multiline, limit, content, lengths }: RegexTask) => {
  const regex = new RegExp(source, ignoreCase ? "giv" : "gv");
  const ranges: Float64Array[] = [];
  let at = 0;
  for (const length of lengths) {
    const found = regexMatches(Buffer.from(content, at, length), regex, multiline, limit);
    ranges.push(Float64Array.from(found.flatMap(({ start, end }) => [start, end])));
    at += length;
  }
  const answer: RegexAnswer = { ranges, content };
  parentPort?.postMessage(answer, [content]);
});
