import { expect, it } from "vitest";

it("runs on the Node that the repository brings, whatever the system has", () => {
  expect(process.versions.node).toBe("24.21.0");
});
