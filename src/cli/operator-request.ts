import { pino } from 'pino';
import type {
  AdminAnswer,
  AdminRequest,
  AdminResult,
} from '../app/administration/administration.ts';
import { configOf, environment } from '../config.ts';
import type { Storage } from '../engine/storage.ts';
import { configuredStorage } from './storage.ts';

/** Performs a request on the data, which no server uses. */
const withoutServer = async (storage: Storage, text: string): Promise<string> => {
  // Fails if there is no data: nothing must be created here.
  await (await storage.readLog()).close();
  const { openAdministration } = await import('../composition/administration.ts');
  const administration = await openAdministration({
    config: configOf(environment()),
    logger: pino({ level: 'silent' }),
    say: () => undefined,
  }).catch((cause: Error) => {
    const hint = 'no server answers; if one is starting or stopping, try again';
    throw new Error(`${hint} (${cause.message})`, { cause });
  });
  try {
    return await administration.answer(text);
  } finally {
    await administration.close();
  }
};

/**
 * Has the running server perform a request; if none runs, opens the data and performs it. Rejects with one line if it
 * is refused, or if there is no data.
 */
export const performed = async (request: AdminRequest): Promise<AdminResult> => {
  const storage = await configuredStorage();
  const text = JSON.stringify(request);
  const answer: AdminAnswer = JSON.parse(
    (await storage.request(text)) ?? (await withoutServer(storage, text)),
  );
  if ('result' in answer) return answer.result;
  throw new Error(answer.problem.message);
};
