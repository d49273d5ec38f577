import { expect, it } from "vitest";
import { Turnstile } from "../src/safe-fs/turnstile.ts";

const never = new AbortController().signal;

it("lets so many in at a time and the next one when one leaves", async () => {
  const turnstile = new Turnstile(2);
  const order: string[] = [];
  const first = await turnstile.enter({}, never);
  await turnstile.enter({}, never);

  const third = turnstile.enter({}, never).then(() => order.push("third"));
  await Promise.resolve();
  order.push("before");
  first();
  await third;

  expect(order).toEqual(["before", "third"]);
});

it("takes the connections in turn, however much one of them asks for", async () => {
  const turnstile = new Turnstile(1);
  const [busy, quiet] = [{ name: "busy" }, { name: "quiet" }];
  const order: string[] = [];
  const run = async (connection: { name: string }): Promise<void> => {
    const leave = await turnstile.enter(connection, never);
    order.push(connection.name);
    await Promise.resolve();
    leave();
  };

  await Promise.all([...Array.from({ length: 5 }, () => run(busy)), run(quiet), run(quiet)]);

  expect(order).toEqual(["busy", "busy", "quiet", "busy", "quiet", "busy", "busy"]);
});

it("forgets who gives up waiting", async () => {
  const turnstile = new Turnstile(1);
  const leave = await turnstile.enter({}, never);
  const gaveUp = new AbortController();
  const waiting = turnstile.enter({}, gaveUp.signal);
  gaveUp.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");

  leave();

  (await turnstile.enter({}, never))();
});
