import type { Pacer } from "../pacer.ts";
import type { ChangeLog } from "./change-log.ts";

/** Bytes of a needle that are looked up; the shortest needle worth indexing. */
export const keyBytes = 8;

const buckets = 1 << 16;
const base = 0x01000193;
const spread = 0x9e3779b1;
/** Pieces of the text that tell how rare a key is. */
const samples = 4;
const sampleBytes = 64 * 1024;
const maxPlacesOfKey = 1000;
/** A rare key turns up early in any long needle. */
const keyedBytes = 1024;
const keysOfNeedle = 2;
const windowsAtOnce = 1 << 14;

/** `base` to the power of `keyBytes`: what the oldest byte of a window weighs when the next one enters. */
const oldestWeight = Array.from({ length: keyBytes }).reduce<number>((product) => Math.imul(product, base), 1);

interface Key {
  readonly needle: Buffer;
  /** Where in the needle it begins. */
  readonly at: number;
  readonly hash: number;
  /** Where the needle would begin for each place of the key; `undefined` when there are too many. */
  places: number[] | undefined;
}

/**
 * Finds many needles in a text in one pass, and tells after changes whether what was found still holds.
 *
 * Each needle is looked up by those eight bytes of it that are rarest in the text. It can occur anew only where these
 * are in changed text, or where they are not but the rest of the needle is; both are recognised. A second key answers
 * where the first cannot.
 */
export class NeedleIndex {
  readonly #text: Buffer;
  readonly #keys: readonly (readonly Key[])[];
  /** Buckets that hold the hash of a key; most windows of a text are told apart by it. */
  readonly #present = new Uint8Array(buckets);
  /** Hashes of windows that hold changed bytes, and might be a key. */
  readonly #changed = new Set<number>();

  private constructor(text: Buffer, keys: readonly (readonly Key[])[]) {
    this.#text = text;
    this.#keys = keys;
    for (const { hash } of keys.flat()) this.#present[bucketOf(hash)] = 1;
  }

  /** @param needles Those shorter than `keyBytes` are left to the caller. */
  static async build(text: Buffer, needles: readonly (Buffer | undefined)[], pacer: Pacer): Promise<NeedleIndex> {
    const frequencies = sampleFrequencies(text);
    const index = new NeedleIndex(
      text,
      needles.map((needle) => (needle ? rarestKeys(needle, frequencies) : [])),
    );
    await index.#collect(pacer);
    return index;
  }

  /** Where a needle stands in the text as it is now; `undefined` when this index cannot tell. */
  placesOf(index: number, log: ChangeLog): readonly number[] | undefined {
    for (const { needle, hash, places } of this.#keys[index] ?? []) {
      if (!places || this.#changed.has(hash)) continue;
      if (places.some((place) => log.touches(place, place + needle.length))) continue;
      return places.filter((place) => this.#holds(needle, place));
    }
    return undefined;
  }

  /** Takes note of changed bytes, given with the `keyBytes` - 1 bytes before and behind them. */
  noteChange(window: Buffer): void {
    for (const { hashes, count } of hashWindows(window)) {
      for (let index = 0; index < count; index += 1) {
        const hash = hashes[index] ?? 0;
        if (this.#present[bucketOf(hash)] === 1) this.#changed.add(hash);
      }
    }
  }

  async #collect(pacer: Pacer): Promise<void> {
    const byHash = Map.groupBy(this.#keys.flat(), ({ hash }) => hash);
    const present = this.#present;
    for (const { hashes, count, first } of hashWindows(this.#text)) {
      for (let index = 0; index < count; index += 1) {
        const hash = hashes[index] ?? 0;
        if (present[bucketOf(hash)] === 0) continue;
        for (const key of byHash.get(hash) ?? []) this.#add(key, first + index - key.at);
      }
      if (pacer.due) await pacer.pause();
    }
  }

  #holds(needle: Buffer, place: number): boolean {
    const end = place + needle.length;
    return place >= 0 && end <= this.#text.length && this.#text.compare(needle, 0, needle.length, place, end) === 0;
  }

  /** A needle that would reach beyond the text may fit in it after a change. */
  #add(key: Key, place: number): void {
    if (!key.places) return;
    if (key.places.length < maxPlacesOfKey) key.places.push(place);
    else key.places = undefined;
  }
}

function bucketOf(hash: number): number {
  return Math.imul(hash, spread) >>> 16;
}

/** Hashes of successive windows; valid until the next are asked for. */
interface Hashes {
  readonly hashes: Int32Array;
  readonly count: number;
  /** Where the first window begins. */
  readonly first: number;
}

/** Hashes every `keyBytes` successive bytes; one by one they would cost more to hand over than to compute. */
function* hashWindows(bytes: Buffer): Generator<Hashes> {
  const total = bytes.length - keyBytes + 1;
  const hashes = new Int32Array(Math.max(0, Math.min(total, windowsAtOnce)));
  let hash = 0;
  for (let index = 0; index < Math.min(keyBytes - 1, bytes.length); index += 1)
    hash = (Math.imul(hash, base) + (bytes[index] ?? 0)) | 0;
  for (let first = 0; first < total; first += windowsAtOnce) {
    const count = Math.min(windowsAtOnce, total - first);
    for (let index = 0; index < count; index += 1) {
      const newest = first + index + keyBytes - 1;
      const leaving = newest < keyBytes ? 0 : (bytes[newest - keyBytes] ?? 0);
      hash = (Math.imul(hash, base) + (bytes[newest] ?? 0) - Math.imul(leaving, oldestWeight)) | 0;
      hashes[index] = hash;
    }
    yield { hashes, count, first };
  }
}

function sampleFrequencies(text: Buffer): Uint32Array {
  const frequencies = new Uint32Array(buckets);
  for (let sample = 0; sample < samples; sample += 1) {
    const start = Math.floor((text.length / samples) * sample);
    for (const { hashes, count } of hashWindows(text.subarray(start, start + sampleBytes))) {
      for (let index = 0; index < count; index += 1) {
        const bucket = bucketOf(hashes[index] ?? 0);
        frequencies[bucket] = (frequencies[bucket] ?? 0) + 1;
      }
    }
  }
  return frequencies;
}

function rarestKeys(needle: Buffer, frequencies: Uint32Array): Key[] {
  const keys: Key[] = [];
  const { hashes, count } = hashWindows(needle.subarray(0, keyedBytes)).next().value ?? { hashes: [], count: 0 };
  while (keys.length < keysOfNeedle) {
    let rarest = -1;
    let fewest = Number.POSITIVE_INFINITY;
    for (let at = 0; at < count; at += 1) {
      const frequency = frequencies[bucketOf(hashes[at] ?? 0)] ?? 0;
      // Keys that share bytes would fail together.
      if (frequency >= fewest || keys.some((key) => Math.abs(key.at - at) < keyBytes)) continue;
      rarest = at;
      fewest = frequency;
    }
    if (rarest === -1) break;
    keys.push({ needle, at: rarest, hash: hashes[rarest] ?? 0, places: [] });
  }
  return keys;
}
