import { basename } from "node:path";
import {
  callerOf,
  FailureError,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type ServerContext,
  type SetupContext,
} from "@bothways/kit";
import type { FileSystemOptions } from "../options.ts";
import type { FileSystem, OperationContext } from "../safe-fs/file-system.ts";
import { fileUri, pathOfUri } from "../safe-fs/resource-uri.ts";
import { readResource } from "./read-resource.ts";

type Context = SetupContext<FileSystem, FileSystemOptions>;

const template = {
  name: "file",
  title: "A file or directory",
  uriTemplate: "file:///{+path}",
  description: "Any file or directory inside the allowed directories, by its absolute path.",
};

/**
 * Answers for `file:` resources.
 *
 * The handlers are registered below the SDK's resource registry, which parses a uri as a URL and so resolves `..` and
 * encoded dots before this server could judge them.
 */
export function registerResources({ server }: McpServer, context: Context): void {
  server.registerCapabilities({ resources: {} });
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: [template] }));
  server.setRequestHandler("resources/list", async (_request, sdk) => {
    const files = await context.resources();
    return files.operation(callOf(sdk, context), ({ scope }) => ({
      resources: scope.roots.map(({ path }) => ({
        uri: fileUri(path),
        name: basename(path) || path,
        mimeType: "inode/directory",
      })),
    }));
  });
  server.setRequestHandler("resources/read", async ({ params: { uri } }, sdk) => {
    const path = pathOfUri(uri);
    if (path === undefined) throw invalidUri();
    const files = await context.resources();
    return answer(uri, async () => {
      const contents = await files.operation(callOf(sdk, context), (operation) =>
        readResource(files, operation, uri, path),
      );
      return { contents };
    });
  });
}

/** What is said of a uri that can name no file here; it is not repeated, because it may hold anything. */
function invalidUri(): ProtocolError {
  const rule = "Use file:/// and an absolute path, percent-encoded, without host, query, fragment or encoded slash.";
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Invalid resource uri. ${rule}`);
}

/** Where a call comes from; one protocol object may serve many callers, so that the request says who asks. */
function callOf(sdk: ServerContext, context: Context): OperationContext {
  const caller = callerOf(sdk.http?.authInfo);
  const principal = caller.principal ?? context.principal;
  if (principal && !principal.access.some((level) => level === "read" || level === "write")) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Reading resources needs the scope fs:read.");
  }
  return { connection: caller.connection ?? context.connection, signal: sdk.mcpReq.signal };
}

/** Not there, not allowed and not visible are one answer, so that none of them can be told from the others. */
const notFoundCodes: ReadonlySet<string> = new Set([
  "ACCESS_DENIED",
  "NOT_FOUND",
  "NOT_DIRECTORY",
  "NO_DIRECTORIES",
  "INVALID_INPUT",
]);

async function answer<Result>(uri: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const { code, sentence, next } = error.failure;
    if (notFoundCodes.has(code)) throw new ResourceNotFoundError(uri);
    throw new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${sentence} ${next}`);
  }
}
