import fc from "fast-check";
import { expect, it } from "vitest";
import { repeatsKey } from "../src/http/repeated-keys.ts";

function check(text: string): boolean {
  return repeatsKey(Buffer.from(text), JSON.parse(text));
}

it.each([
  '{"method":"a","method":"b"}',
  '{"method":"a","\\u006dethod":"b"}',
  '{"id":1,"params":{"name":"a","name":"a"}}',
  '{"params":{"a":1},"params":{"b":2}}',
  '{"params":{"arguments":{"x":1,"y":{},"x":2}}}',
  '{"params":{"_meta":{"v":"1","v":"2"}},"method":"a"}',
  '{"__proto__":1,"__proto__":2}',
])("sees the repeated key of %s", (text) => {
  expect(check(text)).toBe(true);
});

it.each([
  "{}",
  "[]",
  "1",
  '{"__proto__":{"a":1},"constructor":{"a":1}}',
  '{"a":"\\"b\\":1","c":[{"a":1},{"a":2}],"d":{"a":":{"}}',
  // Deeper down headers are compared with nothing.
  '{"params":{"arguments":{"deep":{"a":1,"a":2}}}}',
])("sees none in %s", (text) => {
  expect(check(text)).toBe(false);
});

it("sees none in whatever JSON.stringify writes, and the one that is put into it", () => {
  const name = fc.string({ maxLength: 8 });
  const message = fc.dictionary(name, fc.oneof(fc.jsonValue(), fc.dictionary(name, fc.jsonValue())), { minKeys: 1 });
  fc.assert(
    fc.property(message, fc.nat(), fc.boolean(), (value, index, spaced) => {
      const text = JSON.stringify(value, null, spaced ? 2 : 0);
      const keys = Object.keys(value);
      const again = keys[index % keys.length] ?? "";

      expect(check(text)).toBe(false);
      expect(check(`{${JSON.stringify(again)}:0,${text.trimStart().slice(1)}`)).toBe(true);
    }),
  );
});
