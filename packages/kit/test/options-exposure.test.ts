import * as fc from "fast-check";
import { expect, it } from "vitest";
import { KitError } from "../src/errors.ts";
import { checkExposure, type ExposureInput } from "../src/options/exposure.ts";

const local: ExposureInput = {
  host: "127.0.0.1",
  addresses: ["127.0.0.1"],
  auth: "none",
  allowUnauthenticated: false,
};

it.each([
  "127.0.0.1",
  "127.0.0.2",
  "127.255.255.255",
  "::1",
  "0:0:0:0:0:0:0:1",
  "0000::0001",
  "::1%lo",
  "::ffff:127.0.0.1",
  "::FFFF:7f00:1",
  "::ffff:127.255.0.9",
])("serves %s without authentication", (address) => {
  expect(() => checkExposure({ ...local, addresses: [address] })).not.toThrow();
});

it.each([
  "0.0.0.0",
  "::",
  "10.0.0.1",
  "192.168.1.1",
  "126.255.255.255",
  "128.0.0.1",
  "127.0.0.256",
  "127.0.0.1.evil.example",
  "127.1",
  "0127.0.0.1",
  "::2",
  "fe80::1%eth0",
  "::ffff:10.0.0.1",
  "::ffff:0:127.0.0.1",
  "64:ff9b::127.0.0.1",
  "::127.0.0.1",
  "localhost",
  "",
])("refuses %j without authentication and names the way out", (address) => {
  const error = refusal({ ...local, host: "box.example", addresses: [address] });

  expect(error).toMatchObject({
    code: "ERR_EXPOSURE_REFUSED",
    exitCode: 78,
    message:
      "Refusing to listen on box.example without authentication: set --auth, or use --host 127.0.0.1; " +
      "--allow-unauthenticated serves everyone who can reach it.",
  });
});

it("refuses a name of which one address is not loopback, and a name without addresses", () => {
  expect(refusal({ ...local, addresses: ["127.0.0.1", "10.0.0.1"] }).exitCode).toBe(78);
  expect(refusal({ ...local, addresses: ["10.0.0.1", "::1"] }).exitCode).toBe(78);
  expect(refusal({ ...local, addresses: [] }).exitCode).toBe(78);
});

it("serves any address with authentication or the override", () => {
  expect(() => checkExposure({ ...local, addresses: ["0.0.0.0"], auth: "token" })).not.toThrow();
  expect(() => checkExposure({ ...local, addresses: ["0.0.0.0"], allowUnauthenticated: true })).not.toThrow();
});

it.each([
  "https://user@a.example/mcp",
  "https://user:hunter2@a.example/",
  "https://a.example/mcp?x",
  "https://a.example/#y",
  "https://a.example/?",
])("refuses the public URL %s without repeating it", (publicUrl) => {
  const error = refusal({ ...local, publicUrl });

  expect([error.exitCode, error.message]).toEqual([
    78,
    "--public-url must not hold a user, a query or a fragment; remove it.",
  ]);
});

it("serves a plain public URL", () => {
  expect(() => checkExposure({ ...local, publicUrl: "https://a.example/mcp" })).not.toThrow();
});

it("takes an IPv4 address for loopback only inside 127.0.0.0/8, however it is mapped", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      for (const spelling of [address, `::ffff:${address}`]) {
        const isRefused = outcome({ ...local, addresses: [spelling] }) instanceof KitError;

        expect(isRefused).toBe(!address.startsWith("127."));
      }
    }),
  );
});

function refusal(input: ExposureInput): KitError {
  const error = outcome(input);
  if (error instanceof KitError) return error;
  throw new Error("Nothing was refused");
}

function outcome(input: ExposureInput): unknown {
  try {
    return checkExposure(input);
  } catch (error) {
    return error;
  }
}
