import { hash } from 'node:crypto';
import type * as Type from 'typebox';
import type { Stamp } from '../../actors/command.ts';
import { type ConnectionId, isUuid7, uuid7Time } from '../../events/ids.ts';
import { defined } from '../../runtime/defined.ts';
import { limits } from '../limits/limits.ts';
import { Invalid, Refused } from '../refusals.ts';
import type { Caller } from '../sessions/sessions.ts';
import { circleOperations } from './circles.ts';
import { joiningCircles } from './circles-joined.ts';
import { type CommandLimitsOptions, commandLimits } from './command-limits.ts';
import { directOperations } from './directs.ts';
import { inviteOperations } from './invites.ts';
import { memberOperations } from './members.ts';
import { markOperations, messageOperations } from './messages.ts';
import { type Answer, addsContent, type Operation, type OperationDeps } from './operation.ts';
import { profileOperations } from './profile.ts';
import { readingOperations } from './reading.ts';
import { streamOperations } from './streams.ts';

/** A command as received, not validated yet. */
export type Request = {
  readonly caller: Caller;
  readonly op: string;
  readonly input: unknown;
  readonly key?: string;
  readonly conn?: ConnectionId;
  readonly enqueued?: () => void;
};

export type ExecutorOptions = CommandLimitsOptions & {
  readonly deps: OperationDeps;
  readonly textMax: number;
  /** Whether new content is refused. */
  readonly isOutOfSpace: () => boolean;
};

/** What identifies a repeat of a command. */
type Keyed = Pick<Stamp, 'key' | 'sum'>;

/** The same text for the same data, whatever the order of its fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

const sumOf = (op: string, input: unknown): string =>
  hash('sha256', canonical([op, input]), 'base64url').slice(0, 22);

const nothing = () => undefined;

/** All operations by name. */
const operationsOf = (deps: OperationDeps, textMax: number) => {
  const joining = joiningCircles(deps);
  return {
    ...profileOperations(deps),
    ...circleOperations(deps, joining),
    ...memberOperations(deps, joining),
    ...inviteOperations(deps),
    ...directOperations(deps),
    ...streamOperations(deps),
    ...messageOperations(deps, textMax),
    ...markOperations(deps),
    ...readingOperations(deps),
  };
};

/** The name of a command: `op` on the socket. */
export type OperationName = keyof ReturnType<typeof operationsOf>;

/**
 * Executes commands from the socket and from HTTP: validates input, rate and key, asks the actor, and keeps the first
 * answer to a key (W8).
 */
export const createExecutor = (options: ExecutorOptions) => {
  const { deps, textMax, isOutOfSpace } = options;
  const operations: Record<OperationName, Operation> = operationsOf(deps, textMax);
  const byName = new Map(Object.entries(operations));
  const limited = commandLimits(options);

  const checkKey = (key: string): void => {
    const now = deps.now();
    const age = isUuid7(key) ? now - uuid7Time(key) : Number.NaN;
    if (age >= -limits.keyAheadMs && age <= limits.keyMs) return;
    const message = 'key must be a version 7 UUID of the last 24 hours';
    throw new Refused('bad-request', { field: 'key', message, now });
  };

  /** Runs a command once per key, however often it is sent. */
  const runOnce = async (
    { caller, op, input }: Request,
    key: string,
    perform: (keyed: Keyed) => Promise<Answer>,
  ): Promise<Answer> => {
    const sum = sumOf(op, input);
    const { answers } = deps.models;
    const kept = await answers.get(caller.user, key);
    if (kept && kept.sum !== sum) throw new Refused('conflict', { field: 'key' });
    if (kept) return defined({ created: kept.created, body: kept.body });
    const answer = await perform({ key, sum });
    const { created, body } = answer;
    const expiresAt = uuid7Time(key) + limits.keyMs;
    await answers.keep({ user: caller.user, key }, defined({ sum, created, body }), expiresAt);
    return answer;
  };

  /** Validates the input, the key and the rate before anything asynchronous, and runs the operation. */
  const run = (request: Request): Promise<Answer> => {
    const { caller, op, input, key, conn, enqueued = nothing } = request;
    const operation = byName.get(op);
    if (!operation) throw new Refused('unsupported', { message: `there is no operation "${op}"` });
    const violation = operation.violation(input);
    if (violation) throw new Invalid(violation);
    if (key !== undefined) checkKey(key);
    const perform = (keyed: Keyed = {}): Promise<Answer> => {
      const origin = defined({ ...keyed, conn });
      const stamp: Stamp = {
        by: caller.user,
        at: deps.now(),
        ...origin,
        ses: caller.session,
        ...(isOutOfSpace() && addsContent(operation, input as object) && { isOutOfSpace: true }),
      };
      return operation.run({ caller, input: input as never, stamp, enqueued });
    };
    const isKeyed = key !== undefined && !operation.creates;
    return limited(caller.user, operation, () =>
      isKeyed ? runOnce(request, key, perform) : perform(),
    );
  };

  return {
    names: Object.keys(operations) as OperationName[],

    /** Whether an operation takes a key; a creation is recognised by the id of what it creates. */
    isKeyed: (op: OperationName): boolean => byName.get(op)?.creates !== true,

    /** Whether an operation may add content, which is refused while the server is out of space. */
    mayAddContent: (op: OperationName): boolean => byName.get(op)?.growth !== 'upkeep',

    /** The schema of an operation's input. */
    schemaOf(op: string): Type.TObject {
      const operation = byName.get(op);
      if (!operation) throw new Error(`there is no operation "${op}"`);
      return operation.schema;
    },

    /** Executes a command; rejects with `Refused`. A command that is out of its limits or invalid reaches no actor. */
    async execute(request: Request): Promise<Answer> {
      const answer = await run(request);
      if (answer.position) deps.barrier.recordAnswered(request.caller.seen, answer.position);
      return answer;
    },
  };
};

export type Executor = ReturnType<typeof createExecutor>;
