import type { Aggregate } from '../events/aggregate.ts';
import type { EventLog, LogInfo } from '../events/log.ts';
import type { RawLog } from '../events/raw-log.ts';
import type { Vault, VaultReader } from '../events/vault.ts';
import type { QueryReader } from '../store/document-reader.ts';
import type { ReadStore } from '../store/store.ts';
import type { Volume } from '../store/volume.ts';
import type { CheckpointStore } from '../verification/checkpoint-store.ts';
import type { Check } from './check.ts';
import type { Nodes } from './nodes.ts';

/** Answers a request, text by text. Never rejects. */
export type RequestHandler = (request: string) => Promise<string>;

/** How long a request waits for its answer, in ms. */
export const requestMsMax = 15_000;

/** The request may have been performed. */
export class RequestUnanswered extends Error {
  override readonly name = 'RequestUnanswered';
}

export const unansweredRequest = (): RequestUnanswered =>
  new RequestUnanswered(
    'the server did not answer; it may have made the change, or make it later: check with oshi user show',
  );

/** The ports of a running server, on files or on servers. */
export type Engine = {
  readonly name: 'embedded' | 'cluster';
  readonly log: EventLog;
  /** Events of connections; a log of its own, with limited retention. */
  readonly connectionLog: EventLog;
  readonly store: ReadStore;
  readonly vault: Vault;
  readonly checkpoints: CheckpointStore;
  /** Where all of this is kept, as far as its free space can be determined. */
  readonly volumes: readonly Volume[];
  /** What nodes on the same servers share; absent on files, which one process uses. */
  readonly nodes?: Nodes;
  /** Answers the requests that other processes send with `Storage.request`, until this is closed. */
  answerRequests(handler: RequestHandler): Promise<void>;
  /** Closes everything, in an order that loses nothing. */
  close(): Promise<void>;
};

export type EngineOptions = {
  readonly onError: (error: Error) => void;
  readonly onWarning: (warning: string) => void;
  /** Creates an empty vault although the log holds events. */
  readonly isNewVault?: boolean;
};

export type ScratchStore = { readonly store: ReadStore; drop(): Promise<void> };

/**
 * The configured data, and every way to open it. Everything but `serve` works beside a running server. Rejections
 * have one line that says what to do. What is opened is closed by its own `close`.
 */
export type Storage = {
  /** Where the data is, as text: `in /var/lib/oshi`. */
  readonly where: string;
  /** Opens all ports for a server: files exclusively, servers as one of several nodes. */
  serve(options: EngineOptions): Promise<Engine>;
  /** Sends a request to the running server; undefined: there is none. Rejects if it does not answer in time. */
  request(text: string): Promise<string | undefined>;
  readLog(): Promise<EventLog>;
  /** The log as it is stored, without checking or decoding. */
  readRawLog(): Promise<RawLog>;
  /** Undefined if no server has created one. */
  readConnectionLog(): Promise<EventLog | undefined>;
  /** Undefined if no server has created any. */
  readModels(): Promise<QueryReader | undefined>;
  /** Undefined if there is none. */
  readVault(): Promise<VaultReader | undefined>;
  /** The newest checkpoint that the server has stored of a log. */
  newestCheckpoint(incarnation: string): ReturnType<CheckpointStore['newest']>;
  /** The read models, for writing. */
  openStore(): Promise<ReadStore>;
  /** An empty store on the same engine. Those of processes that were killed are removed first. */
  openScratchStore(): Promise<ScratchStore>;
  /**
   * Creates an empty log, vault and store to be filled from a backup. Rejects with one line if there are any, unless an
   * interrupted restore has left them.
   */
  restore(options: Pick<EngineOptions, 'onWarning'>): Promise<Restoration>;
  /** Checks whether a server could use the data, and how safely, without changing anything. Never rejects. */
  inspect(): Promise<readonly Check[]>;
};

/** A commit as a log holds it; `n` is the number of its first event. */
export type StoredCommit = {
  readonly aggregate: Aggregate;
  readonly n: number;
  readonly bytes: Uint8Array;
};

/** Data that is being restored. Until it is complete, the storage can be opened in no other way. */
export type Restoration = {
  /** The new log. */
  readonly info: LogInfo;
  readonly vault: Vault;
  readonly store: ReadStore;
  readonly checkpoints: CheckpointStore;
  /** Appends commits in this order, unchanged; resolves with their sequence numbers when they are durable. */
  append(commits: readonly StoredCommit[]): Promise<number[]>;
  /** What was appended; nothing can be appended afterwards. */
  readRawLog(): Promise<RawLog>;
  /** Lets the storage be opened; the last step. */
  complete(): Promise<void>;
  /** Closes all of it, complete or not. */
  close(): Promise<void>;
};

/** How long events of connections are kept: 30 days. */
export const connectionRetentionMs = 30 * 86_400_000;
