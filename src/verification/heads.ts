import type { Aggregate } from '../events/aggregate.ts';

/** Where an aggregate ends: the number of its last event and the hash of its last commit, base64url. */
export type Head = { readonly n: number; readonly hash: string };

const hashBytes = 32;
const capacityMin = 1024;
const nameBytesMin = 64 * 1024;

/**
 * The heads of all aggregates, in a few large buffers: some 140 bytes each, a third of what a `Map` of objects would
 * take. Names are ASCII. Entries are numbered from 0 and never removed.
 */
export class Heads {
  size = 0;
  #names = new Uint8Array(nameBytesMin);
  /** The offset of each name, and that of the next name to be added. */
  #starts = new Float64Array(capacityMin + 1);
  #versions = new Float64Array(capacityMin);
  #hashes = Buffer.alloc(capacityMin * hashBytes);
  /** Open addressing: the number of an entry plus one; 0 if empty. */
  #slots = new Int32Array(capacityMin * 2);
  #order: Uint32Array = new Uint32Array(0);

  /** The number of the aggregate's entry; -1 if it has none. */
  find(aggregate: Aggregate): number {
    return (this.#slots[this.#slotOf(aggregate)] ?? 0) - 1;
  }

  get(aggregate: Aggregate): Head | undefined {
    const entry = this.find(aggregate);
    return entry < 0 ? undefined : { n: this.versionAt(entry), hash: this.hashAt(entry) };
  }

  set(aggregate: Aggregate, { n, hash }: Head): void {
    let entry = this.find(aggregate);
    if (entry < 0) entry = this.#added(aggregate);
    this.#versions[entry] = n;
    this.#hashes.fill(0, entry * hashBytes, (entry + 1) * hashBytes);
    this.#hashes.write(hash, entry * hashBytes, hashBytes, 'base64url');
  }

  versionAt(entry: number): number {
    return this.#versions[entry] ?? 0;
  }

  hashAt(entry: number): string {
    return this.#hashes.toString('base64url', entry * hashBytes, (entry + 1) * hashBytes);
  }

  /** A head in one line, `<aggregate> <n> <hash>`, as a checkpoint signs it. */
  lineAt(entry: number): string {
    const [start, end] = this.#nameOf(entry);
    const name = Buffer.from(this.#names.buffer, start, end - start).toString('latin1');
    return `${name} ${this.versionAt(entry)} ${this.hashAt(entry)}`;
  }

  /**
   * The numbers of all entries in the order of their names, byte by byte. What was sorted before is not sorted again;
   * `pause` is awaited every few thousand comparisons. Nothing may be set meanwhile.
   */
  async sorted(pause: () => Promise<void>): Promise<Uint32Array> {
    const known = this.#order.length;
    const fresh = Uint32Array.from({ length: this.size - known }, (_, at) => known + at);
    const sorted = await this.#sort(fresh, pause);
    this.#order = await this.#merge(this.#order, sorted, pause);
    return this.#order;
  }

  #nameOf(entry: number): readonly [number, number] {
    return [this.#starts[entry] ?? 0, this.#starts[entry + 1] ?? 0];
  }

  #slotOf(aggregate: string): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(aggregate) & mask;
    for (;;) {
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry < 0 || this.#isNamed(entry, aggregate)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isNamed(entry: number, aggregate: string): boolean {
    const [start, end] = this.#nameOf(entry);
    if (end - start !== aggregate.length) return false;
    // From its end, where names differ.
    for (let at = aggregate.length - 1; at >= 0; at--) {
      if (this.#names[start + at] !== aggregate.charCodeAt(at)) return false;
    }
    return true;
  }

  #added(aggregate: string): number {
    const entry = this.size;
    const [start] = this.#nameOf(entry);
    this.#grow(start + aggregate.length);
    for (let at = 0; at < aggregate.length; at++) {
      this.#names[start + at] = aggregate.charCodeAt(at);
    }
    this.#starts[entry + 1] = start + aggregate.length;
    this.#slots[this.#slotOf(aggregate)] = entry + 1;
    this.size++;
    return entry;
  }

  #grow(nameBytes: number): void {
    if (nameBytes > this.#names.length) {
      const names = new Uint8Array(this.#names.length * 2);
      names.set(this.#names);
      this.#names = names;
    }
    if (this.size < this.#versions.length) return;
    const capacity = this.#versions.length * 2;
    const starts = new Float64Array(capacity + 1);
    starts.set(this.#starts);
    this.#starts = starts;
    const versions = new Float64Array(capacity);
    versions.set(this.#versions);
    this.#versions = versions;
    this.#hashes = Buffer.concat([this.#hashes], capacity * hashBytes);
    this.#slots = new Int32Array(capacity * 2);
    for (let entry = 0; entry < this.size; entry++) this.#rehash(entry);
  }

  #rehash(entry: number): void {
    const mask = this.#slots.length - 1;
    const [start, end] = this.#nameOf(entry);
    let slot = hashOfBytes(this.#names, start, end) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #compare(one: number, other: number): number {
    const [start, end] = this.#nameOf(one);
    const [otherStart, otherEnd] = this.#nameOf(other);
    const length = Math.min(end - start, otherEnd - otherStart);
    for (let at = 0; at < length; at++) {
      const difference = (this.#names[start + at] ?? 0) - (this.#names[otherStart + at] ?? 0);
      if (difference !== 0) return difference;
    }
    return end - start - (otherEnd - otherStart);
  }

  /** Bottom up, so that it can pause anywhere. */
  async #sort(entries: Uint32Array, pause: () => Promise<void>): Promise<Uint32Array> {
    let runs: Uint32Array[] = [];
    for (let at = 0; at < entries.length; at += runLength) {
      runs.push(entries.slice(at, at + runLength).sort((a, b) => this.#compare(a, b)));
      await pause();
    }
    while (runs.length > 1) {
      const merged: Uint32Array[] = [];
      for (let at = 0; at < runs.length; at += 2) {
        const [one = nothing, other = nothing] = runs.slice(at, at + 2);
        merged.push(await this.#merge(one, other, pause));
      }
      runs = merged;
    }
    return runs[0] ?? nothing;
  }

  async #merge(
    one: Uint32Array,
    other: Uint32Array,
    pause: () => Promise<void>,
  ): Promise<Uint32Array> {
    if (one.length === 0) return other;
    if (other.length === 0) return one;
    const merged = new Uint32Array(one.length + other.length);
    for (let at = 0, left = 0, right = 0; at < merged.length; at++) {
      const isLeft =
        right >= other.length ||
        (left < one.length && this.#compare(one[left] ?? 0, other[right] ?? 0) < 0);
      merged[at] = (isLeft ? one[left++] : other[right++]) ?? 0;
      if (at % mergedAtOnce === mergedAtOnce - 1) await pause();
    }
    return merged;
  }
}

const nothing = new Uint32Array(0);
const runLength = 2048;
const mergedAtOnce = 20_000;

/** FNV-1a, as 32 bits. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return mixed(hash);
};

const hashOfBytes = (bytes: Uint8Array, start: number, end: number): number => {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return mixed(hash);
};

/** FNV's low bits alone, of which few are used, are not distributed well enough. */
const mixed = (hash: number): number => (hash ^ (hash >>> 15)) >>> 0;
