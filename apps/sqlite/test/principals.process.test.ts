import { type HttpServeOptions, serve } from "@bothways/kit";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect, it, vi } from "vitest";
import { server } from "../src/server.ts";
import { createDatabase } from "./databases.ts";

/** Stands for authentication: the token is the person's name. */
const gate: NonNullable<HttpServeOptions["gate"]> = async ({ headers }) => {
  const id = headers.authorization?.replace("Bearer ", "") ?? "nobody";
  return { principal: { id, subject: id, issuer: "test", clientId: "test", access: ["read", "write"] } };
};

async function connectAs(person: string, url: string, mode: "legacy" | "2026"): Promise<Client> {
  const versionNegotiation = { mode: mode === "legacy" ? mode : { pin: "2026-07-28" } } as const;
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation });
  const requestInit = { headers: { Authorization: `Bearer ${person}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

async function memoOf(client: Client): Promise<unknown> {
  const { contents } = await client.readResource({ uri: "memo://insights" });
  return contents[0] && "text" in contents[0] ? contents[0].text : undefined;
}

it.each(["2026", "legacy"] as const)("keeps the memos and exports of two people apart (%s)", async (mode) => {
  using database = createDatabase();
  const options = { dbPath: database.path, exportDir: database.directory };
  const running = await serve(server, { transport: "http", port: 0, options, gate });
  const [ada, bob] = [await connectAs("ada", running.url ?? "", mode), await connectAs("bob", running.url ?? "", mode)];
  const told: string[] = [];
  bob.setNotificationHandler("notifications/resources/updated", () => void told.push("bob"));
  ada.setNotificationHandler("notifications/resources/updated", () => void told.push("ada"));
  for (const person of [ada, bob]) {
    if (mode === "legacy") await person.subscribeResource({ uri: "memo://insights" });
    else await person.listen({ resourceSubscriptions: ["memo://insights"] });
  }
  // A listen stream is acknowledged before the server watches; the first read comes after both.
  await memoOf(bob);

  await ada.callTool({ name: "append_insight", arguments: { insight: "only mine" } });
  await ada.callTool({ name: "export_query", arguments: { query: "SELECT 1 AS a", file_name: "ada.csv" } });

  expect(await memoOf(ada)).toBe("- only mine");
  expect(await memoOf(bob)).toContain("No insights");
  const uri = "sqlite-export://files/ada.csv";
  expect((await ada.readResource({ uri })).contents[0]).toMatchObject({ text: "a\r\n1\r\n" });
  await expect(bob.readResource({ uri })).rejects.toThrow(/not found/i);
  await vi.waitFor(() => expect(told).toEqual(["ada"]));
  await Promise.all([ada.close(), bob.close()]);
  await running.close();
});
