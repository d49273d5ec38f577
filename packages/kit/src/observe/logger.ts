import { createRedactor } from "./redact.ts";

/** Severity, least first. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Fields beside the event name; strings and numbers only, so that nothing large or secret slips in. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes to standard error, never to standard output. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** How lines look. */
export type LogFormat = "text" | "json";

const severities: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Creates a logger over a line sink.
 *
 * @param secrets Values that are replaced by `***` wherever they appear, however a field is named.
 */
export function createLogger(
  sink: (line: string) => void,
  options: { level: LogLevel; format: LogFormat; secrets?: readonly string[] },
): Logger {
  const threshold = severities[options.level];
  const redact = createRedactor(options.secrets ?? []);
  const write = (level: LogLevel, event: string, fields: LogFields = {}): void => {
    if (severities[level] < threshold) return;
    // Before anything is escaped: a secret with a quote or a line break looks different afterwards.
    const shown = Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, typeof value === "string" ? redact(value) : value]),
    );
    const line = options.format === "json" ? asJson(level, redact(event), shown) : asText(level, redact(event), shown);
    sink(`${redact(line)}\n`);
  };
  return {
    debug: (event, fields) => write("debug", event, fields),
    info: (event, fields) => write("info", event, fields),
    warn: (event, fields) => write("warn", event, fields),
    error: (event, fields) => write("error", event, fields),
  };
}

function asJson(level: LogLevel, event: string, fields: LogFields): string {
  return JSON.stringify({ ts: new Date().toISOString(), level, event, ...fields });
}

function asText(level: LogLevel, event: string, fields: LogFields): string {
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${oneLine(String(value))}`);
  return [`${level}: ${oneLine(event)}`, ...parts].join(" ");
}

/** Keeps one event on one line: control characters and the two Unicode line separators are escaped. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not reach a log line.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
}
