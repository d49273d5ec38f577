import type { Level, LoadReport, Order, OrderAnswer } from "./plan.ts";

/** The end of the channel to the parent that a generator process needs; `process` is one. */
export interface ParentChannel {
  on(event: "message", listener: (message: unknown) => void): unknown;
  once(event: "disconnect", listener: () => void): unknown;
  exit(code: number): void;
  send?(message: OrderAnswer): unknown;
}

/** Answers the orders of `drive.ts`: opens the load once, then runs one level after the other. */
export function takeOrders(
  parent: ParentChannel,
  open: (plan: unknown) => Promise<(level: Level) => Promise<LoadReport>>,
): void {
  let runLevel: ((level: Level) => Promise<LoadReport>) | undefined;
  const obey = async (order: Order<unknown>): Promise<OrderAnswer> => {
    if ("level" in order) {
      if (runLevel === undefined) throw new Error("A level was ordered before the plan.");
      return { report: await runLevel(order.level) };
    }
    runLevel = await open(order.plan);
    return { ready: true };
  };
  // A generator that holds a server's pipes would otherwise live on.
  parent.once("disconnect", () => parent.exit(0));
  parent.on("message", (message) => {
    // The parent is `drive.ts`, which sends exactly this.
    obey(message as Order<unknown>).then(
      (answer) => parent.send?.(answer),
      (error: unknown) => parent.send?.({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
}
