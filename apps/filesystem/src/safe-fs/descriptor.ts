import { closeSync, constants, fstatSync, openSync } from "node:fs";
import type { Containment } from "./containment.ts";

/** Linux: a descriptor that names an inode and can neither read nor write it (`open(2)`). Node has no name for it. */
const O_PATH = 0x200000;

const { O_DIRECTORY, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Linux with `/proc`: `/proc/self/fd/<directory>/<name>` resolves `name` in exactly the open directory, whatever
 * happened to its path since. That is `openat(2)`, which Node does not offer.
 */
export const descriptorContainment: Containment = {
  kind: "descriptor",

  openRoot(path) {
    const fd = openSync(path, O_PATH | O_DIRECTORY);
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return { fd, dev, ino, path };
  },

  look(directory, name) {
    const fd = openSync(`/proc/self/fd/${directory.fd}/${name}`, O_PATH | O_NOFOLLOW);
    try {
      return { fd, stat: fstatSync(fd, { bigint: true }) };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  },

  // The magic link of an O_PATH descriptor opens its inode again; no name is resolved, so nothing can be swapped.
  open: (_directory, _name, entry, flags) => openSync(`/proc/self/fd/${entry.fd}`, flags | O_NONBLOCK | O_NOCTTY),

  at: (directory, name, act) => act(`/proc/self/fd/${directory.fd}/${name}`),

  between: (from, to, act) =>
    act(`/proc/self/fd/${from.parent.fd}/${from.name}`, `/proc/self/fd/${to.parent.fd}/${to.name}`),

  here: (directory, act) => act(`/proc/self/fd/${directory.fd}`),
};
