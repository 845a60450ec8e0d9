import type { Step } from '../../projections/rebuild/rebuild.ts';
import { jsonLine } from '../../text/json-line.ts';
import type { Finding } from '../../verification/findings.ts';
import type { Compared } from '../../verification/rebuilt.ts';
import { shown } from '../terminal/shown.ts';
import type { ModelReport } from './request.ts';

/** Prints the progress on standard output: as lines for people, or as NDJSON. */
export type Reporter = {
  step(model: string, step: Step): void;
  finding(model: string, finding: Finding): void;
  compared(model: string, compared: Compared): void;
  end(reports: readonly ModelReport[]): void;
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export const reporterFor = (isJson: boolean): Reporter => (isJson ? forPrograms : forPeople);

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const lineOf = (step: Step): string => {
  switch (step.step) {
    case 'filling':
      return step.isResumed
        ? `filling ${step.fresh} beside ${step.live}, resumed`
        : `filling ${step.fresh} beside ${step.live}`;
    case 'comparing':
      return `comparing ${step.fresh} with ${step.live}`;
    case 'switched':
      return `switched to ${step.fresh}`;
    case 'abandoned':
      return `unchanged, since it differs; ${step.fresh} is dropped`;
    case 'taken':
      return 'the server reads it';
    case 'left':
      return 'no server has picked it up; the next one that starts reads it';
  }
};

const forPeople: Reporter = {
  step: (model, step) => print(`${model}: ${lineOf(step)}`),
  finding: (_, { code, message }) => print(`${code}: ${shown(message)}`),
  compared: (model, { documents, differing }) =>
    print(
      `${model}: ${plural(documents, 'document')}, ${differing === 0 ? 'all the same' : `${differing} of them ${differing === 1 ? 'differs' : 'differ'}`}`,
    ),
  end: () => {},
};

const forPrograms: Reporter = {
  step: (model, step) => print(jsonLine({ model, ...step })),
  finding: () => {},
  compared: () => {},
  end: (models) => {
    const ok = models.every(({ switched }) => switched);
    print(jsonLine({ step: 'done', ok, models }));
  },
};
