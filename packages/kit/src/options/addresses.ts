import { z } from "zod";

const ipv6 = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i;
const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;
/** Paths the kit answers itself, so that an endpoint there would never be reached. */
const reservedPaths = new Set(["/healthz", "/readyz", "/sse", "/message"]);

/** Address to bind: a name, an IPv4 or an IPv6 address; brackets are dropped. */
export function bindHost(): z.ZodType<string, string> {
  return z.string().transform((given, context) => {
    const bare = given.replace(/^\[(.*)\]$/, "$1");
    if (hostName.test(bare) || isIpv6(bare.replace(/%[\w.-]+$/, ""))) return bare;
    return refuse(context, "expected a host name or IP address without scheme, path or port");
  });
}

/** Name to accept in `Host`: lower case, IPv6 in brackets, no port. */
export function allowedHost(): z.ZodType<string, string> {
  return z.string().transform((given, context) => {
    const bare = given.replace(/^\[(.*)\]$/, "$1").toLowerCase();
    if (isIpv6(bare)) return `[${bare}]`;
    if (hostName.test(given)) return bare;
    return refuse(context, "expected a host name or IP address without scheme, port or wildcard");
  });
}

/** Web origin as a browser sends it: `https://app.example`, `http://127.0.0.1:5173`, `vscode-webview://id`. */
export function allowedOrigin(): z.ZodType<string, string> {
  return z.string().transform((given, context) => {
    const url = URL.parse(given);
    const isPlain = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*\\]+\/?$/i.test(given);
    if (!url || !isPlain)
      return refuse(context, "expected an origin such as https://app.example, without path or wildcard");
    return url.origin === "null" ? given.replace(/\/$/, "") : url.origin;
  });
}

/** Path of the endpoint, compared byte by byte with what clients send. */
export function endpointPath(): z.ZodType<string, string> {
  return z.string().refine(
    (given) => {
      const segments = given.slice(1).split("/");
      const isClean =
        given === "/" || segments.every((name) => /^[\w.~-]+$/.test(name) && name !== "." && name !== "..");
      return given.startsWith("/") && isClean && !reservedPaths.has(given);
    },
    `expected a path such as /mcp, other than ${[...reservedPaths].join(", ")}`,
  );
}

/**
 * The endpoint's URL as clients know it: scheme and host in lower case, no slash added.
 *
 * Query, fragment and user are left for `checkExposure`: they are refused as unsafe rather than as misspelt.
 */
export function publicUrl(): z.ZodType<string, string> {
  return z.string().transform((given, context) => {
    const url = URL.parse(given);
    if (!url || !/^https?:\/\/[^\s\\]+$/i.test(given))
      return refuse(context, "expected a URL that starts with https:// or http://");
    const isBare = url.pathname === "/" && !/^[^/]*\/\/[^/?#]*\//.test(given);
    return isBare ? url.href.replace(/^([^/]*\/\/[^/?#]*)\//, "$1") : url.href;
  });
}

function isIpv6(text: string): boolean {
  return ipv6.test(text) && URL.canParse(`http://[${text}]`);
}

function refuse(context: z.core.$RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
