import { type Curve, curvePlots } from './curve.ts';
import { type Figure, shown } from './figures.ts';
import type { EngineName } from './oshi.ts';

/** The figures of a scenario on an engine. */
export type Result = {
  readonly scenario: string;
  readonly engine: EngineName;
  readonly figures: readonly Figure[];
  readonly curve?: Curve;
};

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const style = `
:root { color-scheme: light dark; --ink: #2a2128; --faint: #766a72; --page: #fffdfa; --card: #f6f2ec;
  --embedded: #a1335c; --cluster: #3a6fa8; }
@media (prefers-color-scheme: dark) { :root { --ink: #f4edf1; --faint: #b3a6ae; --page: #1c161a; --card: #292126;
  --embedded: #e58aab; --cluster: #86b6e8; } }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 3rem; font: 1rem/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--page); }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
p { margin: .25rem 0 1.5rem; color: var(--faint); }
section { background: var(--card); border-radius: .75rem; padding: 1rem 1.25rem; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; margin-bottom: .75rem; }
td { padding: .15rem .5rem .15rem 0; vertical-align: middle; }
table { table-layout: fixed; } td:first-child { width: 42%; }
td.value { text-align: right; width: 7rem; font-variant-numeric: tabular-nums; }
.bar { height: .8rem; border-radius: .2rem; min-width: 1px; }
.embedded { background: var(--embedded); } .cluster { background: var(--cluster); }
.key span { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; margin: 0 .3rem 0 1rem; }
.curve { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; } svg { max-width: 100%; }
@media (max-width: 40rem) { td.value { width: 5.5rem; } }
`;

type Row = Figure & { readonly engine: EngineName };

const rowOf = ({ name, value, unit, engine }: Row, most: number): string => {
  const width = most > 0 ? (Math.max(0, value) / most) * 100 : 0;
  const bar = `<div class="bar ${engine}" style="width: ${width.toFixed(1)}%"></div>`;
  return `<tr><td>${escaped(name)}</td><td class="value">${shown(value)} ${escaped(unit)}</td><td class="plot" title="${engine}">${bar}</td></tr>`;
};

/** Figures of one unit, so that their bars can be compared. */
const plotOf = (rows: readonly Row[]): string => {
  const most = Math.max(...rows.map(({ value }) => value).filter(Number.isFinite));
  return `<table>${rows.map((row) => rowOf(row, most)).join('\n')}</table>`;
};

const sectionOf = (scenario: string, results: readonly Result[]): string => {
  const rows = results
    .filter((each) => each.scenario === scenario)
    .flatMap(({ engine, figures }) => figures.map((each): Row => ({ ...each, engine })));
  // The engines side by side.
  const names = rows.map(({ name }) => name);
  rows.sort((one, other) => names.indexOf(one.name) - names.indexOf(other.name));
  const units = [...new Set(rows.map(({ unit }) => unit))];
  const plots = units.map((unit) => plotOf(rows.filter((row) => row.unit === unit)));
  const curves = results.flatMap((each) =>
    each.scenario === scenario && each.curve
      ? [`<div class="curve" title="${each.engine}">${curvePlots(each.curve)}</div>`]
      : [],
  );
  return `<section><h2>${escaped(scenario)}</h2>${[...plots, ...curves].join('\n')}</section>`;
};

/** A page without scripts that plots the results. `about`: where and when they were measured. */
export const reportOf = (results: readonly Result[], about: string): string => {
  const scenarios = [...new Set(results.map(({ scenario }) => scenario))];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Oshi benchmarks</title><style>${style}</style></head><body>
<h1>Oshi benchmarks</h1>
<p class="key">${escaped(about)} <span class="embedded"></span>embedded <span class="cluster"></span>cluster</p>
${scenarios.map((scenario) => sectionOf(scenario, results)).join('\n')}
</body></html>
`;
};
