import { z } from "zod";
import { KitError } from "../src/errors.ts";
import { bytes, duration, path } from "../src/options/kinds.ts";
import { createKitSchema } from "../src/options/kit-options.ts";
import { option } from "../src/options/option.ts";
import { type OptionInput, type ParsedOptions, parseOptions } from "../src/options/parse-options.ts";

/** One option of each kind. */
export const demoSchema: z.ZodObject = z
  .object({
    file: option(path().optional(), { positional: true, placeholder: "<file>", describe: "One file" }),
    dirs: option(z.array(path()).default([]), { flag: "dir", letter: "d", multiple: true, describe: "Directories" }),
    deny: option(z.array(z.string()).default([]), { multiple: true, describe: "Globs" }),
    tools: option(z.array(z.string()).default([]), { describe: "Tools" }),
    offset: option(z.number().min(-10).max(10).default(0), { describe: "A number" }),
    engine: option(z.enum(["fast", "safe"]).default("safe"), { describe: "An engine" }),
    maxRead: option(bytes({ min: 4096 }).default(65_536), { describe: "A size" }),
    patience: option(duration({ plain: "s" }).default(1000), { describe: "A duration" }),
    readWrite: option(z.boolean().default(false), { describe: "A switch" }),
    password: option(z.string().min(8).optional(), { secret: true, describe: "A secret" }),
    label: option(
      z
        .string()
        .regex(/^[a-z]+$/, "use letters a to z only")
        .optional(),
      { describe: "A label" },
    ),
  })
  .refine((values) => !(values.readWrite && values.engine === "fast"), "--read-write excludes --engine fast");

const kitSchema = createKitSchema({ defaultPort: 3001 });

export type Env = Readonly<Record<string, string | undefined>>;
export type Run<Schema extends z.ZodObject> = Extract<ParsedOptions<Schema>, { kind: "run" }>;

/** A server called demo on port 3001; `file` is the content of every config file. */
export function inputFor<Schema extends z.ZodObject>(
  serverSchema: Schema,
  argv: readonly string[],
  env: Env = {},
  file: unknown = {},
): OptionInput<Schema> {
  return {
    short: "demo",
    serverSchema,
    kitSchema,
    argv,
    env,
    readConfigFile: () => (typeof file === "string" ? file : JSON.stringify(file)),
  };
}

export function runWith<Schema extends z.ZodObject>(
  schema: Schema,
  argv: readonly string[],
  env: Env = {},
  file: unknown = {},
): Run<Schema> {
  const parsed = parseOptions(inputFor(schema, argv, env, file));
  if (parsed.kind !== "run") throw new Error(`Unexpected ${parsed.kind}`);
  return parsed;
}

export function run(argv: readonly string[], env: Env = {}, file: unknown = {}): Run<typeof demoSchema> {
  return runWith(demoSchema, argv, env, file);
}

/** The usage error that `action` ends with. */
export function refusalOf(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    if (!(error instanceof KitError) || error.exitCode !== 2) throw error;
    return { code: error.code, message: error.message };
  }
  throw new Error("Nothing was refused");
}
