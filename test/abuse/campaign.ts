import { mkdtemp, rm } from 'node:fs/promises';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from '../../bench/stage/figures.ts';
import { memoryOf } from '../../bench/stage/process.ts';
import { pause } from '../support/fixtures/raw-socket.ts';
import { register } from '../support/fixtures/server-people.ts';
import { type OshiServer, spawnNode, startOshi } from '../support/fixtures/server-process.ts';
import type { Did } from './kinds/kind.ts';
import { kinds } from './kinds.ts';
import { Talkers } from './talkers.ts';

export type CampaignOptions = {
  readonly kinds: readonly string[];
  readonly seed: number;
  /** How long people talk before an attack, and how long it lasts, in ms. */
  readonly beforeMs: number;
  readonly ms: number;
  /** Malformed inputs that are tried at least. */
  readonly inputsMin: number;
  /** How long memory may take to be given back, in ms. */
  readonly afterMs: number;
  readonly onResult?: (result: Result) => void;
};

/** What an attack did, and to others. */
export type Result = {
  readonly kind: string;
  readonly did: string;
  /** Posts of others that arrived, and the time that 99 of 100 took at most, in ms. */
  readonly posts: number;
  readonly before: number;
  readonly during: number;
  /** Resident memory of the server in MiB: before, at most, and some seconds after. */
  readonly memory: { readonly before: number; readonly peak: number; readonly after: number };
  /** Whether that is more than `ratioMax` times as much as before: a figure, which other load on the machine changes. */
  readonly isSlower: boolean;
  /** What must not be, however busy the machine is. */
  readonly faults: readonly string[];
};

const heapMiB = 512;
/** What the server may keep of memory behind an attack: the heap grows to what it is given. */
const keptMiBMax = 250;
/** Differences below are the machine's. */
const noiseMs = 30;
/** How much longer posts may take during an attack. */
export const ratioMax = 3;

const failed = (stderr: string): Did => ({ did: stderr, faults: ['the attack itself failed'] });

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** A server with its rates on, and data of its own. */
const startVictim = async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-abuse-'));
  const server = await startOshi({
    OSHI_PORT: '0',
    OSHI_DATA_DIR: dir,
    OSHI_LOG_LEVEL: 'error',
    NODE_OPTIONS: `--max-old-space-size=${heapMiB}`,
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
  return { server, stop };
};

/** Watches the memory of a process until it is told to stop. */
const watchMemory = (pid: number) => {
  const before = megabytes(memoryOf(pid));
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, megabytes(memoryOf(pid)));
  }, 100);
  return () => {
    clearInterval(timer);
    return { before, peak, after: megabytes(memoryOf(pid)) };
  };
};

const faultsOf = (
  { during, memory }: Pick<Result, 'during' | 'memory'>,
  { stderr }: OshiServer,
): string[] => [
  ...(Number.isFinite(during) ? [] : ['the attack was over before anybody could notice']),
  ...(memory.after > memory.before + keptMiBMax ? [`${memory.after} MiB are kept`] : []),
  ...(stderr() === '' ? [] : [`the server said: ${stderr().slice(0, 300)}`]),
];

/** Has five people talk while somebody attacks, on a server of its own. */
const measure = async (
  kind: string,
  { seed, beforeMs, ms, inputsMin, afterMs }: CampaignOptions,
): Promise<Result> => {
  const { server, stop } = await startVictim();
  try {
    const { url, pid } = server;
    const talkers = await Talkers.begin(url);
    const { id, username, token, session } = await register(url, 'rogue');
    const rogue = { user: { id, username }, token, session: { id: session } };
    const orders = JSON.stringify({
      url,
      kind,
      beforeMs,
      ms,
      inputsMin,
      seed,
      rogue,
      s: talkers.s,
    });
    const attack = spawnNode(['--import', 'tsx', 'test/abuse/attack.ts', orders], {});
    // It would have a machine of its own: it takes what processors the server and the people leave.
    setPriority(attack.pid, constants.priority.PRIORITY_LOW);
    await attack.said(/^ready$/m);
    talkers.phase = 'before';
    await attack.said(/^begins$/m);
    const endWatch = watchMemory(pid);
    talkers.phase = 'during';
    const { stdout, stderr, code } = await attack.ended;
    talkers.phase = 'after';
    await pause(afterMs);
    await talkers.end();
    const [said = ''] = stdout.trimEnd().split('\n').slice(-1);
    const { did, faults = [] } = code === 0 ? (JSON.parse(said) as Did) : failed(stderr);
    const at = (phase: string): number =>
      Math.round(quantile(talkers.delays.get(phase) ?? [], 0.99) * 10) / 10;
    const figures = { before: at('before'), during: at('during'), memory: endWatch() };
    const found = [...talkers.faults, ...faults, ...faultsOf(figures, server)];
    const isSlower = figures.during > Math.max(figures.before, noiseMs) * ratioMax;
    return { kind, did, posts: talkers.posted, ...figures, isSlower, faults: found };
  } finally {
    await stop();
  }
};

/** Tries attacks, one after the other. */
export const campaign = async (options: CampaignOptions): Promise<Result[]> => {
  const results: Result[] = [];
  for (const kind of options.kinds) {
    if (!kinds[kind])
      throw new Error(`no attack "${kind}"; there are ${Object.keys(kinds).join(', ')}`);
    const result = await measure(kind, options);
    options.onResult?.(result);
    results.push(result);
  }
  return results;
};
