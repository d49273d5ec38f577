export {
  acceptedContent,
  completable,
  inputRequired,
  inputResponse,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
} from "@modelcontextprotocol/server";
export { authInfoOf, callerOf } from "./connection.ts";
export { createHttpHost, type HostedServer, type HttpHost, type HttpHostOptions } from "./create-http-host.ts";
export { type Command, type CommandContext, defineCommand } from "./define-command.ts";
export { defineRoute, type Route, type RouteContext, type RouteRequest, type RouteResponse } from "./define-route.ts";
export {
  type Access,
  defineServer,
  type OptionsSchema,
  type ServerDefinition,
  type SetupContext,
  type WatchContext,
} from "./define-server.ts";
export {
  defineTool,
  type Era,
  type Failure,
  FailureError,
  failure,
  type InputAsk,
  type Principal,
  type Success,
  success,
  type Tool,
  type ToolContext,
  type ToolDefinition,
  type ToolHints,
  type ToolResult,
  type WireKind,
} from "./define-tool.ts";
export { KitError, type KitErrorCode } from "./errors.ts";
export type { Notifier } from "./notifier.ts";
export { createLogger, type LogFields, type Logger, type LogLevel } from "./observe/logger.ts";
export { bytes, duration, path } from "./options/kinds.ts";
export { type OptionSource, option } from "./options/option.ts";
export { run } from "./run.ts";
export { type Running, serve } from "./serve.ts";
export type { HttpOptions, HttpServeOptions, ServeOptions, StdioServeOptions } from "./serve-options.ts";
