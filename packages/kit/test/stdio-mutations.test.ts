import { isJSONRPCRequest } from "@modelcontextprotocol/server";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createFixture } from "./fixtures/stdio-fixture.ts";
import { call, initialize, initialized, inPieces, openRawSession, type WireMessage } from "./fixtures/stdio-session.ts";

const valid = Buffer.from(JSON.stringify(call(1, "echo", { text: 'é "quoted" \\ [{,:}]' })));

/** One to four damages to a valid line; line feeds are left out, because they would make two lines of it. */
const damaged = fc
  .array(
    fc.record({
      at: fc.nat(valid.length - 1),
      kind: fc.constantFrom("replace", "insert", "remove", "cut"),
      byte: fc.oneof(fc.constantFrom(...Buffer.from('{}[]",:\\ 0e-')), fc.nat(255)).filter((byte) => byte !== 0x0a),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((damages) => damages.reduce(damage, valid));

function damage(line: Buffer, { at, kind, byte }: { at: number; kind: string; byte: number }): Buffer {
  const where = Math.min(at, line.length);
  const before = line.subarray(0, where);
  if (kind === "cut") return before;
  const inserted = kind === "remove" ? [] : [byte];
  return Buffer.concat([before, Buffer.from(inserted), line.subarray(kind === "insert" ? where : where + 1)]);
}

/** What JSON and the SDK make of a line: a request, something that is never answered, or neither. */
function verdict(line: Buffer): "request" | "silent" | "malformed" {
  const text = line.toString("utf8");
  if (/^[ \t\r]*$/.test(text)) return "silent";
  if (!Buffer.from(text).equals(line)) return "malformed";
  try {
    const value: unknown = JSON.parse(text);
    if (isJSONRPCRequest(value)) return "request";
    // Without its id a request is a notification.
    return isJSONRPCRequest({ ...Object(value), id: 1 }) && !("id" in Object(value)) ? "silent" : "malformed";
  } catch {
    return "malformed";
  }
}

it("answers each of a thousand damaged lines that is malformed with one error, and each that is not as ever", async () => {
  const lines = fc.sample(damaged, { numRuns: 1000, seed: 20260728 });
  const verdicts = lines.map(verdict);
  const session = openRawSession(createFixture());
  session.send(initialize, initialized);
  await session.answer("init");

  for (const line of lines) session.input.write(Buffer.concat([line, Buffer.from("\n")]));
  session.send(call("last", "echo", { text: "still here" }));
  const received = await session.finish();

  const refusals = received.filter(({ error }) => error?.code === -32700 || error?.code === -32600);
  expect(verdicts.filter((one) => one === "malformed").length).toBeGreaterThan(500);
  expect(refusals).toHaveLength(verdicts.filter((one) => one === "malformed").length);
  expect(received).toHaveLength(refusals.length + verdicts.filter((one) => one === "request").length + 2);
  expect(received.find(({ id }) => id === "last")?.result).toMatchObject({ content: [{ text: "still here" }] });
});

it("understands the same bytes in the same way however they are chunked", async () => {
  const lines = [
    "garbage",
    "",
    JSON.stringify(initialized),
    '{"id":3}',
    ...[1, 2, 3].map((id) => JSON.stringify(call(id, "echo", { text: "é".repeat(50) }))),
  ];
  const bytes = Buffer.from(`${JSON.stringify(initialize)}\r\n${lines.join("\n")}`);
  const answers = async (size: number): Promise<string[]> => {
    const session = openRawSession(createFixture());
    const pieces = inPieces(size);
    pieces.pipe(session.input);
    pieces.end(bytes);
    await session.connection.closed;
    return session.received
      .map((message: WireMessage) => JSON.stringify(message))
      .toSorted((a, b) => a.localeCompare(b));
  };
  const whole = await answers(bytes.length);

  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (size) => {
      expect(await answers(size)).toEqual(whole);
    }),
    { numRuns: 60 },
  );
  expect(whole).toHaveLength(6);
});
