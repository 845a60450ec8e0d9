import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { placing } from './placement.ts';

/** The stream of a bucket of NATS KV. */
export const bucketStream = (bucket: string): string => `KV_${bucket}`;

/**
 * A bucket that keeps the newest value of each key, created with so many copies if it does not exist. It is not read
 * directly: a replica that lags behind must not answer.
 */
export const openBucket = (nc: NatsConnection, bucket: string, replicas = 1): Promise<KV> =>
  placing({ stream: bucketStream(bucket), replicas }, () =>
    new Kvm(nc).create(bucket, { history: 1, replicas, allow_direct: false }),
  );

/** The bucket, which is not read directly; undefined if there is none. */
export const findBucket = async (nc: NatsConnection, bucket: string): Promise<KV | undefined> => {
  const { streams } = await jetstreamManager(nc);
  try {
    await streams.info(bucketStream(bucket));
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
  return new Kvm(nc).open(bucket, { allow_direct: false });
};

/** The server's errors for a record that has changed since it was read. */
const changedCodes: readonly number[] = [
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
];

/** Writes a record, and resolves with its new revision; undefined: it has changed since `revision`, nothing was written. */
export const putUnchanged = async (
  kv: KV,
  { key, text }: { readonly key: string; readonly text: string },
  revision: number,
): Promise<number | undefined> => {
  try {
    return await kv.put(key, text, { previousSeq: revision });
  } catch (error) {
    if (error instanceof JetStreamApiError && changedCodes.includes(error.code)) return undefined;
    throw error;
  }
};
