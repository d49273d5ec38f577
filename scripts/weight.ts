import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPacked, packAll, publishedPackages } from "./pack.ts";
import { type BinBudget, budgets, unpackedBytes } from "./weight/budgets.ts";
import { coldStartRatio } from "./weight/cold-start.ts";

// What an installation of each built package costs, beside its budget. Needs `pnpm build` first.
const folder = await mkdtemp(join(tmpdir(), "bothways-weight-"));
const lines = ["| package | packages | unpacked MB | cold start ÷ node -e 0 |", "| --- | --- | --- | --- |"];
try {
  const published = publishedPackages();
  const tarballs = await packAll(published, folder);
  for (const { name, bins } of published) {
    const installed = await installPacked(name, tarballs, folder);
    const { packages = 0, bytes = 0, bin } = budgets[name] ?? {};
    const size = (unpackedBytes(installed.packages) / 1e6).toFixed(1);
    const start = bin === undefined || bins[0] === undefined ? "–" : await startOf(installed.folder, bins[0], bin);
    lines.push(`| ${name} | ${installed.packages.length} (<= ${packages}) | ${size} (<= ${bytes / 1e6}) | ${start} |`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(`${lines.join("\n")}\n`);

async function startOf(installation: string, name: string, { coldStart, args }: BinBudget): Promise<string> {
  const script = await realpath(join(installation, "node_modules/.bin", name));
  return `${(await coldStartRatio(script, args(installation), 9)).toFixed(2)} (<= ${coldStart})`;
}
