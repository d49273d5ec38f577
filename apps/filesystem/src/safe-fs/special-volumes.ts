import { statfsSync } from "node:fs";
import type { Containment, Entry, HeldDirectory } from "./containment.ts";

/** `statfs(2)` types of volumes whose files are views of the kernel or of processes, not stored content. */
const kernelViews: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x0027e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0x62656570, // configfs
  0xcafe4a11, // bpf
  0x6165676c, // pstore
  0xde5e81e4, // efivarfs
  0x1cd1, // devpts
  0x42494e4d, // binfmt_misc
  0xf97cff8c, // selinux
  0x43415d53, // smack
  0x19800202, // mqueue
  0x6e736673, // nsfs
  0x65735543, // fusectl
]);

/** Volumes by device number; a device number is not reused while something below it is held open. */
const known = new Map<bigint, boolean>();

/** True when the entry lies on a volume such as proc or sysfs. Must not be asked about a symbolic link. */
export function isKernelView(
  containment: Containment,
  directory: HeldDirectory,
  name: string,
  { fd, stat }: Entry,
): boolean {
  const cached = known.get(stat.dev);
  if (cached !== undefined) return cached;
  // Only a descriptor containment has a descriptor for every entry.
  const type =
    containment.kind === "descriptor" ? volumeType(`/proc/self/fd/${fd}`) : containment.at(directory, name, volumeType);
  const answer = kernelViews.has(type);
  if (known.size > 1000) known.clear();
  known.set(stat.dev, answer);
  return answer;
}

function volumeType(path: string): number {
  return statfsSync(path).type;
}
