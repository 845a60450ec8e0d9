import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** A signed statement of what a log was at a time. */
export type Checkpoint = Statement & {
  /** Ed25519 (RFC 8032) over `statementOf`, base64url. */
  readonly signature: string;
};

type Statement = {
  readonly v: 1;
  /** The incarnation of the log. */
  readonly incarnation: string;
  /** The time, in ms since 1970. */
  readonly at: number;
  /** The position in each partition. */
  readonly positions: readonly number[];
  /** The number of aggregates. */
  readonly heads: number;
  /** The Merkle root over their heads, base64url: see `rootOf`. */
  readonly root: string;
  /** The public key that verifies the signature, 32 bytes, base64url. */
  readonly key: string;
};

/** The fields that are signed, in this order, as JSON without spaces. */
const statementOf = ({ v, incarnation, at, positions, heads, root, key }: Statement): Buffer =>
  Buffer.from(JSON.stringify({ v, incarnation, at, positions, heads, root, key }));

export const signed = (
  facts: Omit<Statement, 'v' | 'key'>,
  { privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: string },
): Checkpoint => {
  const { incarnation, at, positions, heads, root } = facts;
  const statement = { v: 1, incarnation, at, positions, heads, root, key: publicKey } as const;
  const signature = sign(null, statementOf(statement), privateKey).toString('base64url');
  return { ...statement, signature };
};

/** Whether a checkpoint was signed with the key that it names. */
export const isSigned = (checkpoint: Checkpoint): boolean => {
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: checkpoint.key };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const signature = Buffer.from(checkpoint.signature, 'base64url');
    return verify(null, statementOf(checkpoint), key, signature);
  } catch {
    return false;
  }
};

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

/** Parses a line of a file of checkpoints; undefined if it is malformed. */
export const checkpointIn = (line: string): Checkpoint | undefined => {
  let parsed: Partial<Record<keyof Checkpoint, unknown>>;
  try {
    parsed = Object(JSON.parse(line));
  } catch {
    return undefined;
  }
  const { v, incarnation, at, positions, heads, root, key, signature } = parsed;
  const texts = [incarnation, root, key, signature];
  const isFit =
    v === 1 &&
    texts.every((text) => typeof text === 'string') &&
    [at, heads].every(isCount) &&
    Array.isArray(positions) &&
    positions.every(isCount);
  return isFit ? (parsed as Checkpoint) : undefined;
};
