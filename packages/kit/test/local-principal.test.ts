import { expect, it } from "vitest";
import { localPrincipal } from "../src/local-principal.ts";

const definition = {
  short: "demo",
  access: {
    order: ["read", "write"],
    extra: (options: Record<string, unknown>) => [`metric:${String(options["metric"])}`],
  },
  claims: ["groups", "region"],
};
const options = { metric: "revenue" };

it("plays the person that the claims describe, with the claims the definition asked for", () => {
  const principal = localPrincipal(definition, options, '{"sub":"ada","groups":["staff"],"region":"DE","salary":1}');

  expect(principal).toEqual({
    id: "local:ada",
    subject: "ada",
    issuer: "local",
    clientId: "local",
    access: ["read", "write", "metric:revenue"],
    claims: { groups: ["staff"], region: "DE" },
  });
});

it("limits the access levels to the scopes that are given", () => {
  expect(localPrincipal(definition, options, '{"scope":"demo:read other:write"}').access).toEqual(["read"]);
  expect(localPrincipal(definition, options, '{"scope":"demo:metric:revenue"}').access).toEqual(["metric:revenue"]);
});

it.each([
  ["no JSON", "{"],
  ["a list", "[]"],
  ["a nested value", '{"a":{"b":1}}'],
  ["null", '{"a":null}'],
  ["too much", JSON.stringify({ a: "x".repeat(9000) })],
])("refuses %s and names the flag", (_case, text) => {
  expect(() => localPrincipal(definition, options, text)).toThrow(/--claims/);
});

it("cannot be changed by a tool", () => {
  const principal = localPrincipal(definition, options, '{"region":"DE"}');

  expect(Object.isFrozen(principal) && Object.isFrozen(principal.claims)).toBe(true);
});
