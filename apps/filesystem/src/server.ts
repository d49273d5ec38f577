import { defineServer, KitError, type Logger } from "@bothways/kit";
import packageJson from "../package.json" with { type: "json" };
import { type FileSystemOptions, options } from "./options.ts";
import { registerResources } from "./resources/index.ts";
import { watchResource } from "./resources/watch-resource.ts";
import { type FileSystem, openFileSystem } from "./safe-fs/file-system.ts";
import { isUsableRoot, parseRootArgument } from "./safe-fs/roots.ts";
import { followRoots } from "./safe-fs/roots-requests.ts";
import { parseEncoding } from "./text/encoding.ts";
import { tools } from "./tools/index.ts";

const defaultLineBytes = 16 * 1024 * 1024;

export const server = defineServer<typeof options, FileSystem>({
  name: "bothways-filesystem",
  short: "fs",
  version: packageJson.version,
  title: "Filesystem",
  instructions:
    "Reads, searches and changes files in the allowed directories. Relative paths start at the first one; " +
    "list_allowed_directories names them all.",
  access: { order: ["read", "write"] },
  options,
  tools,
  writeNeedsAuth: true,
  defaultPort: 3001,
  // The largest content a call may carry, escaped as JSON.
  maxLineBytes: ({ maxFile }) => Math.max(2 * maxFile, defaultLineBytes),

  open: (values, log, { readOnly }) => openFileSystem({ ...values, readOnly, isChecked: true }, log),

  setup(mcp, context) {
    const { connection, era, options: values } = context;
    registerResources(mcp, context);
    if (era === "2025" && values.roots !== "ignore") followClientRoots(mcp, connection);
  },

  watch: watchResource,

  selectTools: (values, all) => all.filter(({ name }) => !values.disableTools.includes(name)),

  check(values, transport, log) {
    assertToolNames(values);
    assertEncoding(values);
    if (transport === "http") assertHttp(values);
    assertDirectories(values, log);
  },
});

type Mcp = Parameters<NonNullable<(typeof server)["setup"]>>[0];

/** Asks a client that has roots for them, now and after each change it announces. */
function followClientRoots({ server: protocol }: Mcp, connection: object): void {
  protocol.oninitialized = () => {
    if (!protocol.getClientCapabilities()?.roots) return;
    const requests = followRoots(connection, async () => (await protocol.listRoots()).roots.map(({ uri }) => uri));
    protocol.setNotificationHandler("notifications/roots/list_changed", () => requests.refresh());
    const { onclose } = protocol;
    protocol.onclose = () => {
      onclose?.();
      requests.close();
    };
    requests.refresh();
  };
}

function assertToolNames({ disableTools }: FileSystemOptions): void {
  for (const name of disableTools) {
    if (tools.some((tool) => tool.name === name)) continue;
    throw new KitError("ERR_OPTION_INVALID", `--disable-tools: there is no tool ${JSON.stringify(name.slice(0, 64))}.`);
  }
}

/** Said at the start, because over stdio nothing is opened before the first call. */
function assertDirectories({ directories }: FileSystemOptions, log: Logger): void {
  const paths = directories.map((text) => parseRootArgument(text).path);
  const unusable = paths.filter((path) => !isUsableRoot(path));
  for (const path of unusable) log.warn("directory skipped", { path, reason: "it cannot be opened" });
  if (paths.length === 0 || unusable.length < paths.length) return;
  throw new KitError("ERR_OPEN_FAILED", "None of the specified directories are accessible");
}

function assertEncoding({ legacyEncoding }: FileSystemOptions): void {
  try {
    parseEncoding(legacyEncoding);
  } catch (error) {
    throw new KitError("ERR_OPTION_INVALID", "--legacy-encoding: this is not an encoding this server knows.", {
      cause: error,
    });
  }
}

function assertHttp({ directories, roots }: FileSystemOptions): void {
  if (directories.length === 0) {
    throw new KitError("ERR_OPTION_MISSING", "Over HTTP at least one directory argument is required.");
  }
  if (roots === "replace") {
    throw new KitError("ERR_OPTION_CONFLICT", "--roots replace works over stdio only; use --roots narrow.");
  }
}
