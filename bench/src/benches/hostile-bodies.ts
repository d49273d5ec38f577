import { type Bench, defineBench } from "../harness/define-bench.ts";
import { type HttpSide, startSide } from "../load/http-side.ts";
import { headersOf, httpTemplate } from "../load/requests.ts";
import { kitHttp, missingBuild, peer } from "../sides/commands.ts";

const sides: Record<string, HttpSide> = {
  "SDK v2": { command: peer("sdk2-modern-entry.mjs", 1), wire: "modern" },
  kit: { command: kitHttp(1), wire: "modern" },
};

const body = bodyOf({ text: "small" });
const deep = body.replace('"small"', `${"[".repeat(200_000)}${"]".repeat(200_000)}`);
const wide = body.replace('"text"', `${manyKeys(200_000)},"text"`);
// Below the bound on tokens, so that the schema gets to see it.
const strict = body.replace('"text"', `${manyKeys(20_000)},"text"`);

export const hostileBodies: Bench = defineBench({
  name: "http",
  title: "bodies made to be expensive (K13)",
  metrics: {
    deep: { title: "200,000 levels", unit: "ms" },
    wide: { title: "200,000 keys", unit: "ms" },
    strict: { title: "20,000 unknown keys", unit: "ms" },
    bytes: { title: "answer to unknown keys", unit: "bytes" },
    stall: { title: "longest wait of a small call meanwhile", unit: "ms" },
  },
  sides,
  unavailable: ({ command }) => missingBuild(command),
  async measure(side, room) {
    await using server = await startSide(side, room);
    for (let index = 0; index < 50; index += 1) await post(server.port, body);
    const onDeep = await postBesideOther(server.port, deep);
    const onWide = await postBesideOther(server.port, wide);
    const onStrict = await postBesideOther(server.port, strict);
    return {
      deep: onDeep.milliseconds,
      wide: onWide.milliseconds,
      strict: onStrict.milliseconds,
      bytes: onStrict.bytes,
      stall: Math.max(onDeep.other, onWide.other, onStrict.other),
    };
  },
  values: [
    { of: "kit", metric: "deep", direction: "at-most", target: 50 },
    { of: "kit", metric: "wide", direction: "at-most", target: 50 },
    { of: "kit", metric: "strict", direction: "at-most", target: 50 },
    { of: "kit", metric: "bytes", direction: "at-most", target: 4096 },
    { of: "kit", metric: "stall", direction: "at-most", target: 50 },
  ],
});

interface Timed {
  readonly milliseconds: number;
  readonly bytes: number;
}

async function postBesideOther(port: number, hostile: string): Promise<Timed & { readonly other: number }> {
  const [answer, other] = await Promise.all([post(port, hostile), post(port, body)]);
  return { ...answer, other: other.milliseconds };
}

async function post(port: number, text: string): Promise<Timed> {
  const started = performance.now();
  const headers = headersOf({ kind: "modern" }, "tools/call", { name: "echo" });
  const response = await fetch(`http://127.0.0.1:${port}/mcp`, { method: "POST", headers, body: text });
  const answer = await response.arrayBuffer();
  return { milliseconds: performance.now() - started, bytes: answer.byteLength };
}

function bodyOf(echoed: object): string {
  const request = httpTemplate(0, { kind: "modern" }, "tools/call", {
    name: "echo",
    arguments: echoed,
  }).bytes.toString();
  return request.slice(request.indexOf("{"));
}

function manyKeys(count: number): string {
  return Array.from({ length: count }, (_, index) => `"k${index.toString(36)}":0`).join();
}
