import type { Level, LoadReport, Order, OrderAnswer } from "./plan.ts";

/** The end of the channel to the parent that a generator process needs; `process` is one. */
export interface ParentChannel {
  on(event: "message", listener: (message: unknown) => void): unknown;
  send?(message: OrderAnswer): unknown;
}

/** Answers the orders of `drive.ts`: opens the load once, then runs one level after the other. */
export function takeOrders<Plan>(parent: ParentChannel, open: (plan: Plan) => Promise<(level: Level) => Promise<LoadReport>>): void {
  let runLevel: ((level: Level) => Promise<LoadReport>) | undefined;
  const obey = async (order: Order<Plan>): Promise<OrderAnswer> => {
    if ("level" in order) {
      if (runLevel === undefined) throw new Error("A level was ordered before the plan.");
      return { report: await runLevel(order.level) };
    }
    runLevel = await open(order.plan);
    return { ready: true };
  };
  parent.on("message", (message) => {
    // The parent is `drive.ts`, which sends exactly this.
    obey(message as Order<Plan>).then(
      (answer) => parent.send?.(answer),
      (error: unknown) => parent.send?.({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
}
