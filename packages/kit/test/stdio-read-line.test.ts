import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
} from "@modelcontextprotocol/server";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { type InboundLine, readLine } from "../src/stdio/read-line.ts";

const read = (line: string | Buffer): InboundLine => readLine(Buffer.from(line));

/** Code and id of the answer to a malformed line. */
function refusal(line: string | Buffer): unknown {
  const inbound = read(line);
  return inbound.kind === "malformed" ? [inbound.answer.error.code, inbound.answer.id] : inbound.kind;
}

it.each([
  ["not json", [-32700, null]],
  ['{"jsonrpc":"2.0","id":1,"method":"ping"', [-32700, null]],
  ['{"jsonrpc":"2.0","id":1,"method":"ping"}}', [-32700, null]],
  ["\u0000", [-32700, null]],
  ["[".repeat(200_000), [-32600, null]],
  [`[${"1,".repeat(200_000)}1]`, [-32600, null]],
  ["[]", [-32600, null]],
  ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', [-32600, null]],
  ["1", [-32600, null]],
  ["null", [-32600, null]],
  ['"text"', [-32600, null]],
  ["{}", [-32600, null]],
  ['{"id":7}', [-32600, 7]],
  ['{"jsonrpc":"1.0","id":7,"method":"ping"}', [-32600, 7]],
  ['{"jsonrpc":"2.0","id":"seven"}', [-32600, "seven"]],
  ['{"jsonrpc":"2.0","id":7,"method":5}', [-32600, 7]],
  ['{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}', [-32600, 7]],
  ['{"jsonrpc":"2.0","id":7,"method":"ping","params":null}', [-32600, 7]],
  ['{"jsonrpc":"2.0","id":7,"method":"ping","extra":1}', [-32600, 7]],
  ['{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":1}}', [-32600, 7]],
  ['{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":{"progressToken":{}}}}', [-32600, 7]],
  ['{"jsonrpc":"2.0","id":null,"method":"ping"}', [-32600, null]],
  ['{"jsonrpc":"2.0","id":1.5,"method":"ping"}', [-32600, 1.5]],
  ['{"jsonrpc":"2.0","id":12345678901234567890,"method":"ping"}', [-32600, null]],
  ['{"jsonrpc":"2.0","id":1e999,"method":"ping"}', [-32600, null]],
  ['{"jsonrpc":"2.0","id":{},"method":"ping"}', [-32600, null]],
  [`{"jsonrpc":"2.0","id":"${"x".repeat(257)}","method":"ping"}`, [-32600, null]],
  [`{"jsonrpc":"2.0","id":"${"é".repeat(129)}","method":"ping"}`, [-32600, null]],
  [`{"jsonrpc":"2.0","id":"${"x".repeat(256)}"}`, [-32600, "x".repeat(256)]],
  ['{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}', [-32600, 1]],
  ['{"jsonrpc":"2.0","result":{}}', [-32600, null]],
  ['{"jsonrpc":"2.0","id":1,"error":"no"}', [-32600, 1]],
])("refuses line %# with one error that has the line's id where it is usable", (line, expected) => {
  expect(refusal(line)).toEqual(expected);
});

it("refuses a line that is not UTF-8 as unreadable", () => {
  const line = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"?"}}');
  line[line.indexOf("?")] = 0xff;

  expect(refusal(line)).toEqual([-32700, null]);
});

it("never repeats the line in the refusal", () => {
  const inbound = read('{"jsonrpc":"2.0","id":"PRIVATE PRIVATE","method":"SECRET","extra":"SECRET"}');

  expect(JSON.stringify(inbound)).not.toContain("SECRET");
});

it.each(["", " ", "\t", "\r", " \t \r"])("ignores the blank line %j", (line) => {
  expect(read(line)).toEqual({ kind: "blank" });
});

it.each([
  '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  '{"jsonrpc":"2.0","id":1,"method":"ping"}\r',
  ' {"jsonrpc":"2.0","id":1,"method":"ping"} ',
  '\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}',
])("accepts the line ends, spaces and byte order mark of %j", (line) => {
  expect(read(line)).toEqual({ kind: "request", message: { jsonrpc: "2.0", id: 1, method: "ping" } });
});

it.each([
  ['{"jsonrpc":"2.0","id":3,"result":5}', -32600],
  ['{"jsonrpc":"2.0","id":3,"result":{"_meta":5}}', -32600],
  ['{"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":"no","more":1}}', -1],
])("hands on %s as an error, so that nobody waits for a result that cannot be used", (line, code) => {
  expect(read(line)).toMatchObject({ kind: "response", message: { id: 3, error: { code } } });
});

it("never answers an error, not even one without an id", () => {
  expect(read('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}')).toEqual({ kind: "blank" });
});

it("calls a message what the SDK calls it, and nothing else a message", () => {
  fc.assert(
    fc.property(nearMessage(), (value) => {
      const inbound = read(JSON.stringify(value));

      // Long ids and answers nobody can use are refused here although the SDK would take them; see the cases above.
      expect(kindAfterSdk(value)).toBe(inbound.kind === "blank" ? "malformed" : inbound.kind);
    }),
    { numRuns: 3000 },
  );
});

function kindAfterSdk(value: unknown): InboundLine["kind"] {
  if (isJSONRPCRequest(value)) return "request";
  if (isJSONRPCNotification(value)) return "notification";
  if (isJSONRPCResultResponse(value)) return "response";
  if (isJSONRPCErrorResponse(value)) return "id" in value ? "response" : "malformed";
  return "malformed";
}

/** Objects that are messages, or are not by a hair. */
function nearMessage(): fc.Arbitrary<unknown> {
  const id = fc.oneof(fc.integer(), fc.string({ maxLength: 5 }), fc.constantFrom(null, 1.5, true, 2 ** 60, -0, []));
  const token = fc.oneof(fc.integer(), fc.string({ maxLength: 3 }), fc.constantFrom(null, 1.5, 2 ** 60, {}));
  const task = fc.oneof(fc.constantFrom({ taskId: "a" }, {}, null, 1, { taskId: 1 }));
  const meta = fc.record({ progressToken: token, "io.modelcontextprotocol/related-task": task }, { requiredKeys: [] });
  const params = fc.oneof(
    fc.record({ _meta: fc.oneof(meta, fc.constantFrom(null, 1, [])), a: fc.nat() }, { requiredKeys: [] }),
    fc.constantFrom(null, 1, [], "x"),
  );
  const call = fc.record(
    {
      jsonrpc: fc.constantFrom("2.0", "2.0", "2.0", "1.0", 2),
      id,
      method: fc.constantFrom("ping", "tools/call", "", 1, null),
      params,
      extra: fc.constant(1),
    },
    { requiredKeys: ["jsonrpc"] },
  );
  const error = fc.record(
    { code: fc.constantFrom(1, -32600, 1.5, "1"), message: fc.constantFrom("", "no", 1), data: fc.nat() },
    { requiredKeys: [] },
  );
  const answer = fc.record(
    { jsonrpc: fc.constant("2.0"), id: fc.nat(), result: fc.constantFrom({}, { a: 1 }), error },
    { requiredKeys: ["jsonrpc"] },
  );
  return fc.oneof(call, answer);
}
