import type { BackupAnswer, JobOf } from "../protocol.ts";
import type { JobContext } from "../task.ts";
import { hashFile, newFilePath, publish } from "./new-file.ts";

const pagesPerStep = 2000;
const everything = 0x7fffffff;
const maxRestarts = 2;

/**
 * Copies the database through SQLite's backup interface.
 *
 * A change by somebody else between two steps makes SQLite start over. After a few restarts, and always for WAL where
 * it blocks nobody, the copy is made in one step, which holds a read lock.
 */
export async function backupDatabase(context: JobContext, job: JobOf<"backup_database">): Promise<BackupAnswer> {
  const { connection, settings, partialPath } = context;
  const path = newFilePath(settings.backupDir, job.fileName, "--backup-dir");
  if (partialPath === null) throw new TypeError("a backup needs a partial path");
  const isWal = connection.database.pragma("journal_mode", { simple: true }) === "wal";
  let restarts = 0;
  let lastRemaining = Number.POSITIVE_INFINITY;
  const { totalPages } = await connection.database.backup(partialPath, {
    progress: ({ remainingPages }) => {
      if (remainingPages > lastRemaining) restarts += 1;
      lastRemaining = remainingPages;
      return isWal || restarts > maxRestarts ? everything : pagesPerStep;
    },
  });
  const made = hashFile(partialPath);
  publish(partialPath, path);
  return { file_name: job.fileName, bytes: made.bytes, pages: totalPages, sha256: made.sha256 };
}
