import type { Writable } from "node:stream";
import type { z } from "zod";
import type { Command } from "./define-command.ts";
import { KitError } from "./errors.ts";
import { createLogger } from "./observe/logger.ts";
import type { Environment } from "./options/environment.ts";
import { helpText } from "./options/help-text.ts";
import { createKitSchema, type KitSchema } from "./options/kit-options.ts";
import { nearest } from "./options/nearest.ts";
import { optionSource } from "./options/option.ts";
import { parseOptions } from "./options/parse-options.ts";

/** What a command needs of the process. */
export interface CommandProcess {
  readonly argv: readonly string[];
  readonly env: Environment;
  readConfigFile(path: string): string;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** What of a definition its commands are. */
export interface CommandOwner {
  readonly name: string;
  readonly short: string;
  readonly version: string;
  readonly options: z.ZodObject<Readonly<Record<string, z.ZodType>>>;
  readonly commands?: Readonly<Record<string, Command>>;
}

/**
 * The command that the first argument names, `undefined` when the bin is to serve.
 *
 * @throws {KitError} `ERR_OPTION_UNKNOWN` for a word that is no command, with the nearest one.
 */
export function commandNamed(owner: CommandOwner, argv: readonly string[]): Command | undefined {
  const [word] = argv;
  const { commands = {} } = owner;
  if (word === undefined || word.startsWith("-") || Object.keys(commands).length === 0) return undefined;
  if (Object.hasOwn(commands, word)) return commands[word];
  const takesWords = Object.values(owner.options.shape).some((field) => optionSource(field)?.positional);
  if (takesWords) return undefined;
  const close = nearest(word, Object.keys(commands));
  const names = Object.keys(commands).join(", ");
  throw new KitError(
    "ERR_OPTION_UNKNOWN",
    `Unknown command ${JSON.stringify(word.slice(0, 100))}${close === undefined ? `. Commands: ${names}` : `, did you mean ${close}`}.`,
  );
}

/**
 * Runs a command with the option rules of the server.
 *
 * @returns The exit code.
 * @throws {KitError} `ERR_OPTION_*`, as when serving.
 */
export async function runCommand(owner: CommandOwner, command: Command, host: CommandProcess): Promise<number> {
  const kitSchema = commandKitSchema();
  const [word = "", ...argv] = host.argv;
  const { short, version } = owner;
  const parsed = parseOptions({ ...host, argv, short, serverSchema: command.options, kitSchema });
  switch (parsed.kind) {
    case "help": {
      const subject = { name: `${owner.name} ${word}`, short, title: command.describe, options: command.options };
      host.stdout.write(helpText(subject, kitSchema));
      return 0;
    }
    case "version":
      host.stdout.write(`${version}\n`);
      return 0;
    case "run": {
      const { logLevel: level, logFormat: format } = parsed.kit;
      const log = createLogger((line) => host.stderr.write(line), { level, format, secrets: parsed.secrets });
      for (const warning of parsed.warnings) log.warn(warning);
      // `defineCommand` erased the type; these values were parsed by the command's own schema.
      return command.run(parsed.server as never, { log, stdout: host.stdout, stderr: host.stderr });
    }
  }
}

/** Of the kit's options a command has those that say nothing about serving. */
function commandKitSchema(): KitSchema {
  const kept = { help: true, version: true, config: true, logLevel: true, logFormat: true } as const;
  // `runCommand` reads none of the options that are left out.
  return createKitSchema({ defaultPort: 0 }).pick(kept) as unknown as KitSchema;
}
