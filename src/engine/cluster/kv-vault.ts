import { jetstreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Vault, VaultReader } from '../../events/vault.ts';
import { bucketStream, findBucket, openBucket } from './kv-bucket.ts';

export type KvVaultOptions = {
  readonly bucket?: string;
  /** Replicas in the cluster; only for a new bucket. */
  readonly replicas?: number | undefined;
};

export const vaultBucket = 'OSHI_VAULT';
const valueBytesMax = 4096;

/**
 * A vault in a bucket of NATS KV, created if it does not exist. The connection belongs to the caller. Rejects with
 * one line that says what to do if the bucket would drop secrets or keep old ones.
 */
export const openKvVault = async (
  nc: NatsConnection,
  { bucket = vaultBucket, replicas }: KvVaultOptions = {},
): Promise<Vault> => {
  const kv = await openBucket(nc, bucket, replicas);
  await checkBucket(kv, bucket);
  const streams = (await jetstreamManager(nc)).streams;
  const { get } = readerOf(kv);
  return {
    get,
    async put(key, value) {
      checkValue(value);
      await kv.put(kvKeyOf(key), value);
    },
    async ensure(key, value) {
      checkValue(value);
      const known = await get(key);
      if (known !== undefined) return known;
      try {
        await kv.create(kvKeyOf(key), value);
        return value;
      } catch (error) {
        // Refused if another node was faster: then its value is the valid one.
        const other = await get(key);
        if (other === undefined) throw error;
        return other;
      }
    },
    async destroy(key) {
      const name = kvKeyOf(key);
      const entry = await kv.get(name);
      if (entry?.operation !== 'PUT') return;
      // A purge alone leaves the bytes on the disk until their block is rewritten; this writes over them.
      await streams
        .deleteMessage(bucketStream(bucket), entry.revision, true)
        .catch(async (error) => {
          // Another process has put or destroyed it meanwhile.
          if ((await kv.get(name))?.revision === entry.revision) throw error;
        });
      // The stored marker makes it durable: whatever a crash restores is before it.
      await kv.purge(name);
    },
    async close() {},
  };
};

/** Deletes a bucket with all secrets in it; does nothing if there is none. */
export const deleteKvVault = async (nc: NatsConnection, bucket = vaultBucket): Promise<void> => {
  if (!(await readKvVault(nc, { bucket }))) return;
  await (await jetstreamManager(nc)).streams.delete(bucketStream(bucket));
};

/** The vault of a bucket, for reading; undefined if there is none. */
export const readKvVault = async (
  nc: NatsConnection,
  { bucket = vaultBucket }: KvVaultOptions = {},
): Promise<Omit<VaultReader, 'close'> | undefined> => {
  const kv = await findBucket(nc, bucket);
  return kv && readerOf(kv);
};

const readerOf = (kv: KV): Omit<VaultReader, 'close'> => ({
  async get(key) {
    const entry = await kv.get(kvKeyOf(key));
    return entry?.operation === 'PUT' ? entry.string() : undefined;
  },
  async entries() {
    const found: (readonly [string, string])[] = [];
    // Listed before they are read: a consumer of the bucket must not be kept waiting.
    const names: string[] = [];
    for await (const name of await kv.keys()) names.push(name);
    for (const name of names) {
      const entry = await kv.get(name);
      if (entry?.operation === 'PUT') found.push([keyOf(name), entry.string()]);
    }
    return found;
  },
});

const checkValue = (value: string): void => {
  if (Buffer.byteLength(value) > valueBytesMax) {
    throw new RangeError(`a value of the vault has at most ${valueBytesMax} bytes`);
  }
};

const checkBucket = async (kv: KV, bucket: string): Promise<void> => {
  const { history, ttl } = await kv.status();
  if (history === 1 && ttl === 0) return;
  throw new Error(
    `the KV bucket ${bucket} on the NATS server keeps ${history} values for ${ttl} ms, but must keep 1 permanently: correct it with the nats command, or use another server or account.`,
  );
};

/**
 * A key for NATS KV: letters, digits, `-` and `_` as they are, dots as separators, and everything else as `=` and two
 * hexadecimal digits, so that different keys stay different.
 */
export const kvKeyOf = (key: string): string => {
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new RangeError('a key of the vault is printable ASCII without spaces');
  }
  return key.replace(/(?<![^.])\.|\.(?![^.])|[^\w.-]/g, escaped);
};

/** The key of the vault that `kvKeyOf` has made a key for NATS KV of. */
const keyOf = (name: string): string =>
  name.replace(/=([0-9A-F]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );

const escaped = (character: string): string =>
  `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
