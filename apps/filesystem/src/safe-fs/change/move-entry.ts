import { linkSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmdirSync, symlinkSync, unlinkSync } from "node:fs";
import type { Pacer } from "../../text/pacer.ts";
import type { Containment } from "../containment.ts";
import type { Located } from "../located.ts";
import { errnoOf, exists, explained, quoted, refusal } from "../refusal.ts";
import { isSameDirectory, type Root } from "../roots.ts";
import { assertNotRoot, countSubtree } from "./subtree.ts";
import { flushDirectory } from "./write-bytes.ts";

/**
 * Gives a locked entry another name in any directory of the same volume, without ever replacing anything; a link is
 * moved as a link.
 *
 * @param roots Every allowed directory of this server, whoever may use it.
 * @returns False when the two places are on different volumes; then nothing was done.
 * @throws {FailureError} `EXISTS`, `INVALID_INPUT` for a directory into itself, `ACCESS_DENIED` for what must stay.
 */
export async function moveEntry(
  containment: Containment,
  source: Located,
  destination: Located,
  roots: readonly Root[],
  pacer: Pacer,
): Promise<boolean> {
  assertNotRoot(source, roots);
  if (destination.entry && !isRespelling(source, destination)) throw exists(destination.asked);
  if (source.type === "directory") await assertMovable(containment, source, destination, roots, pacer);
  try {
    if (destination.entry) containment.between(source, destination, renameSync);
    else if (source.type === "directory") takeName(containment, source, destination);
    else renameFile(containment, source, destination);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "EXDEV") return false;
    if (code === "EINVAL") throw intoItself(source.asked);
    throw explained(error, code === "EEXIST" || code === "ENOTEMPTY" ? destination.asked : source.asked);
  }
  await flushDirectory(containment, destination.parent);
  await flushDirectory(containment, source.parent);
  return true;
}

/** Refuses to move a directory into itself, or one that holds what must keep its path. */
async function assertMovable(
  containment: Containment,
  source: Located,
  destination: Located,
  roots: readonly Root[],
  pacer: Pacer,
): Promise<void> {
  assertNotInside(source, destination);
  const mayHoldProtected = roots.length > 1 || source.root.positions.length + destination.root.positions.length > 0;
  if (mayHoldProtected) await countSubtree({ containment, roots }, source, pacer, destination);
}

/** @throws {FailureError} `INVALID_INPUT` when the destination lies in the source. */
export function assertNotInside(source: Located, destination: Located): void {
  const { stat } = source;
  const isBelow = `${destination.path}/`.startsWith(`${source.path}/`);
  if (isBelow || destination.ancestors.some((ancestor) => isSameDirectory(ancestor, stat)))
    throw intoItself(source.asked);
}

/** The same entry under a name that the volume takes for equal, such as one in the other case. */
function isRespelling(source: Located, destination: Located): boolean {
  const isSame = isSameDirectory(source.stat, destination.stat) && isSameDirectory(source.parent, destination.parent);
  const respelled = source.name !== destination.name && folded(source.name) === folded(destination.name);
  return isSame && respelled && (source.type === "directory" || source.stat.nlink === 1n);
}

function folded(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/**
 * Renames a directory to a name that is free. `rename` would replace an empty directory, so the name is first taken by
 * one of our own, which `mkdir` never replaces.
 */
export function takeName(containment: Containment, source: Located, destination: Located): void {
  const { parent, name } = destination;
  containment.at(parent, name, (path) => mkdirSync(path, { mode: 0o700 }));
  try {
    containment.between(source, destination, renameSync);
  } catch (error) {
    containment.at(parent, name, (path) => rmdirSync(path));
    throw error;
  }
}

/** A hard link is refused where the name exists, which `rename` would replace. */
function renameFile(containment: Containment, source: Located, destination: Located): void {
  try {
    if (source.type === "symlink") copyLink(containment, source, destination);
    else containment.between(source, destination, linkSync);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "EEXIST" || code === "EXDEV" || code === "ENOENT" || code === "ENOSPC") throw error;
    // No hard links here, or not to files of others: between this look and the rename is the one gap that is left.
    assertMissing(containment, destination);
    containment.between(source, destination, renameSync);
    return;
  }
  containment.at(source.parent, source.name, (path) => unlinkSync(path));
}

/** Makes a new link with the same target: some systems give a hard link to what a link leads to. */
function copyLink(containment: Containment, source: Located, destination: Located): void {
  const target = containment.at(source.parent, source.name, (path) => readlinkSync(path, { encoding: "buffer" }));
  containment.at(destination.parent, destination.name, (path) => symlinkSync(target, path));
}

function assertMissing(containment: Containment, { parent, name, asked }: Located): void {
  const found = containment.at(parent, name, (path) => lstatSync(path, { throwIfNoEntry: false }));
  if (found) throw exists(asked);
}

function intoItself(path: string): Error {
  return refusal("INVALID_INPUT", `${quoted(path)} cannot be put into itself.`, "Use a destination outside it.");
}
