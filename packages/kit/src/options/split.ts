import { delimiter } from "node:path";
import type { OptionEntry } from "./catalogue.ts";

/** Items of one use of a list flag, or of a string where a config file may hold a list. */
export function splitFlagValue(text: string, entry: Pick<OptionEntry, "multiple">): string[] {
  return entry.multiple ? [text] : splitCommas(text);
}

/** Items of a list in a variable: a path list for paths, commas otherwise. Empty items are dropped. */
export function splitEnvironmentValue(text: string, entry: Pick<OptionEntry, "kind">): string[] {
  const isPaths = entry.kind.type === "list" && entry.kind.item.type === "path";
  return isPaths ? text.split(delimiter).filter((item) => item !== "") : splitCommas(text);
}

/** Commas inside braces belong to a glob such as `*.{pem,key}`: splitting there would protect neither. */
function splitCommas(text: string): string[] {
  const items: string[] = [];
  let item = "";
  let depth = 0;
  for (const character of text) {
    if (character === "{") depth += 1;
    if (character === "}") depth = Math.max(0, depth - 1);
    if (character === "," && depth === 0) {
      items.push(item.trim());
      item = "";
    } else {
      item += character;
    }
  }
  return [...items, item.trim()].filter((part) => part !== "");
}
