import type { AdminRequest, AdminResult } from '../../app/administration/administration.ts';
import * as field from '../../app/fields.ts';
import { hashPassword } from '../../app/sessions/passwords.ts';
import { check } from '../../app/validation.ts';
import { RequestUnanswered } from '../../engine/storage.ts';
import { defined } from '../../runtime/defined.ts';
import { randomSecret } from '../../runtime/random.ts';
import { jsonLine } from '../../text/json-line.ts';
import { performed } from '../operator-request.ts';
import { ask, canAsk, readInput } from '../terminal/asking.ts';
import { writeLines } from '../terminal/output.ts';
import { shown } from '../terminal/shown.ts';

type Options = { readonly json?: boolean };

const sessionsText = ({ ended }: AdminResult): string =>
  ended === 0 ? '' : `; ${ended} ${ended === 1 ? 'session' : 'sessions'} ended`;

/** Performs a request and prints the result, by `text` unless as JSON. */
const perform = async (
  request: AdminRequest,
  { json = false }: Options,
  text: (result: AdminResult) => string,
): Promise<void> => {
  const result = await performed(request);
  await writeLines([json ? jsonLine(result) : text(result)]);
};

export const suspend = (
  user: string,
  { reason, ...options }: Options & { readonly reason?: string },
): Promise<void> =>
  perform({ op: 'suspend', user, ...defined({ reason }) }, options, (result) =>
    result.changed
      ? `${shown(result.username)} is suspended${sessionsText(result)}`
      : `${shown(result.username)} was suspended already`,
  );

export const resume = (user: string, options: Options): Promise<void> =>
  perform({ op: 'resume', user }, options, ({ username, changed }) =>
    changed ? `${shown(username)} can log in again` : `${shown(username)} was not suspended`,
  );

/** Ends one session, or all of them. Rejects with one line if there is no such session. */
export const endSessions = (user: string, end: string, options: Options): Promise<void> =>
  perform({ op: 'end-sessions', user, ...(end !== 'all' && { id: end }) }, options, (result) => {
    if (end !== 'all' && !result.changed) throw new Error(`there is no open session ${shown(end)}`);
    return `${shown(result.username)}${sessionsText(result) || ' has no open sessions'}`;
  });

const generatedBytes = 15;
const form = check(field.closed({ password: field.Password }));

/** The new password: typed twice on a terminal, else the first line of the input. */
const entered = async (): Promise<string> => {
  if (!canAsk()) return (await readInput()).split(/\r?\n/)[0] ?? '';
  const password = await ask('New password: ', true);
  if (password === (await ask('Repeat it: ', true))) return password;
  throw new Error('the two passwords differ; nothing was changed');
};

export const password = async (
  user: string,
  { generate = false, json }: Options & { readonly generate?: boolean },
): Promise<void> => {
  const password = generate ? randomSecret(generatedBytes).toString('base64url') : await entered();
  const violation = form.violation({ password });
  if (violation) throw new Error(violation.message);
  const hash = await hashPassword(password);
  const result = await performed({ op: 'reset-password', user, hash }).catch((error: unknown) => {
    if (!(generate && error instanceof RequestUnanswered)) throw error;
    throw new Error(`${error.message}; the password then is ${password}`, { cause: error });
  });
  const text = `${shown(result.username)} has a new password${sessionsText(result)}`;
  if (json) await writeLines([jsonLine({ ...result, ...(generate && { password }) })]);
  else await writeLines([text, ...(generate ? [password] : [])]);
};
