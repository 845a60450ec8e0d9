import { pino } from 'pino';
import type {
  AdminAnswer,
  AdminRequest,
  AdminResult,
} from '../app/administration/administration.ts';
import { configOf, environment } from '../config.ts';
import { configuredStorage } from './storage.ts';

/** Performs a request on the data, which no server uses. */
const withoutServer = async (text: string): Promise<string> => {
  const { openAdministration } = await import('../composition/administration.ts');
  const administration = await openAdministration({
    config: configOf(environment()),
    logger: pino({ level: 'silent' }),
    say: () => undefined,
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
  // Fails if there is no data: nothing must be created here.
  await (await storage.readLog()).close();
  const text = JSON.stringify(request);
  const answer: AdminAnswer = JSON.parse(
    (await storage.request(text)) ?? (await withoutServer(text)),
  );
  if ('result' in answer) return answer.result;
  throw new Error(answer.problem.message);
};
