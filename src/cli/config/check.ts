import { type Config, environment } from '../../config.ts';
import { type Check, checking } from '../../engine/check.ts';
import { storageOf } from '../../engine/engine.ts';
import { jsonLine } from '../../text/json-line.ts';
import { type Colours, coloursOf } from '../terminal/colours.ts';
import { columns } from '../terminal/columns.ts';
import { openOutput, writeLines } from '../terminal/output.ts';
import { shown } from '../terminal/shown.ts';
import { checkSettings } from './settings-checks.ts';

/** Checks the configuration and prints the results; the exit code is 1 if there is an error. */
export const check = async ({ json = false }: { readonly json?: boolean }): Promise<void> => {
  openOutput();
  const { config, checks } = checkSettings(environment());
  const all = config ? [...checks, ...(await checkData(config))] : checks;
  const status = worst(all);
  const text = json ? jsonLine({ status, checks: all }) : tableOf(all, coloursOf(process.stdout));
  await writeLines([text]);
  if (status === 'error') process.exitCode = 1;
};

/** Checks what the settings name. */
const checkData = async (config: Config): Promise<readonly Check[]> => {
  const { loadProjection } = await import('../../hosting/module.ts');
  const modules = config.projections.map((path) =>
    checking('projection', async () => `${(await loadProjection(path)).name}, of ${path}`),
  );
  const storage = await storageOf(config);
  return [...(await storage.inspect()), ...(await Promise.all(modules))];
};

const worst = (checks: readonly Check[]): Check['status'] =>
  (['error', 'warning'] as const).find((each) => checks.some(({ status }) => status === each)) ??
  'ok';

const tableOf = (checks: readonly Check[], { good, busy, bad, faint }: Colours): string => {
  const colours = { ok: good, warning: busy, error: bad };
  const rows = checks.flatMap(({ status, name, found, remedy }) => [
    [colours[status](status), name, shown(found)],
    ...(remedy === undefined ? [] : [['', '', faint(shown(remedy))]]),
  ]);
  return columns({ heads: [{ text: '' }, { text: '' }, { text: '' }], rows });
};
