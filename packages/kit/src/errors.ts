/** Every code an operator can meet. The area comes first, the fact second. */
export type KitErrorCode =
  | "ERR_DEFINITION_INVALID"
  | "ERR_OPTION_UNKNOWN"
  | "ERR_OPTION_INVALID"
  | "ERR_OPTION_CONFLICT"
  | "ERR_OPTION_MISSING"
  | "ERR_CONFIG_UNREADABLE"
  | "ERR_TRANSPORT_UNDECIDED"
  | "ERR_EXPOSURE_REFUSED"
  | "ERR_PORT_IN_USE"
  | "ERR_LISTEN_FAILED"
  | "ERR_OPEN_FAILED"
  | "ERR_DRAIN_TIMEOUT";

/** How the process ends when the error reaches `run`: 1 runtime, 2 usage, 78 refused by a safety rule. */
export type ExitCode = 1 | 2 | 78;

const exitCodes: Partial<Record<KitErrorCode, ExitCode>> = {
  ERR_EXPOSURE_REFUSED: 78,
  ERR_PORT_IN_USE: 1,
  ERR_LISTEN_FAILED: 1,
  ERR_OPEN_FAILED: 1,
  ERR_DRAIN_TIMEOUT: 1,
};

/**
 * An operator's mistake or a refused start: printed by `run` as one line without a stack.
 *
 * The message says what is wrong and which flag or variable to change; it never holds a secret's value.
 */
export class KitError extends Error {
  override readonly name = "KitError";
  readonly code: KitErrorCode;

  /**
   * @param code What happened, from the closed union.
   * @param message One sentence, naming the flag, variable or file to change.
   */
  constructor(code: KitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The exit code of `kit.md` section 4; 2 unless the code says otherwise. */
  get exitCode(): ExitCode {
    return exitCodes[this.code] ?? 2;
  }
}
