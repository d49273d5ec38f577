import type { z } from "zod";
import { createKitSchema } from "../../packages/kit/src/options/kit-options.ts";
import { optionSource } from "../../packages/kit/src/options/option.ts";
import { type OptionRow, optionTable } from "../../packages/kit/src/options/option-table.ts";
import { code, markdownTable } from "./table.ts";

/** The options of a server as a table, in the order of its schema. */
export function serverOptions(schema: z.ZodObject, short: string): string {
  const fields = Object.values(schema.shape);
  const rows = optionTable(schema, short).map((row, index) => {
    const field = fields[index];
    const positional = field !== undefined && optionSource(field)?.positional;
    return positional ? { ...row, describe: `${row.describe} Bare arguments are read as this one.` } : row;
  });
  return table(rows);
}

/** The options that every server has. */
export function kitOptions(): string {
  const rows = optionTable(createKitSchema({ defaultPort: 0 }), "<server>", "kit");
  return table(rows.map((row) => (row.flag.startsWith("--port ") ? { ...row, default: "per server" } : row)));
}

function table(rows: readonly OptionRow[]): string {
  return markdownTable(
    ["flag", "environment", "default", "meaning"],
    rows.map(({ flag, env, default: standard, describe }) => [
      code(flag),
      env.split(", ").map(code).join(", "),
      standard,
      describe.replace(/([^.])$/, "$1."),
    ]),
  );
}
