// Writes each dashboard as TypeScript, each panel as a constant of its own type, so that a key which
// Grafana does not know is an error where it stands, and lets the compiler judge.
//
//   node check.mjs FOLDER-OF-DASHBOARDS

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const TYPES = {
  bargauge: 'BarGauge',
  heatmap: 'Heatmap',
  row: 'Row',
  stat: 'Stat',
  'state-timeline': 'StateTimeline',
  table: 'Table',
  text: 'Text',
  timeseries: 'TimeSeries',
};

const source = (dashboard) => {
  const { panels, ...rest } = dashboard;
  const names = panels.map((panel) => `panel${panel.id}`);
  const constants = panels.map((panel, index) => {
    const type = TYPES[panel.type] ?? fail(`a panel is of the unknown kind ${panel.type}`);
    return `const ${names[index]}: grafana.${type} = ${JSON.stringify(panel, null, 2)};\n`;
  });
  const head = JSON.stringify(rest, null, 2).slice(0, -2);
  return [
    "import type * as grafana from './types';\n",
    ...constants,
    `export const dashboard: grafana.Dashboard = ${head},\n  "panels": [${names.join(', ')}]\n};\n`,
  ].join('\n');
};

const fail = (message) => {
  console.error(`check-dashboards: ${message}`);
  process.exit(1);
};

const folder = process.argv[2] ?? fail('which folder holds the dashboards?');
const files = readdirSync(folder, { recursive: true }).filter((it) => it.endsWith('.json'));
if (files.length === 0) fail(`${folder} holds no dashboard`);
rmSync('src', { recursive: true, force: true });
mkdirSync('src');
writeFileSync('src/types.ts', readFileSync('types.ts'));
for (const file of files) {
  const dashboard = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  writeFileSync(join('src', `${basename(file, '.json')}.ts`), source(dashboard));
}

const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022'];
const sources = readdirSync('src').map((it) => join('src', it));
try {
  execFileSync('node_modules/.bin/tsc', [...options, ...sources], { stdio: 'inherit' });
} catch {
  fail('Grafana would not take these dashboards');
}
console.log(`check-dashboards: ${files.length} dashboards are as Grafana's types want them`);
