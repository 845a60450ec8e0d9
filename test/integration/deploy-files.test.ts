import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { DCLinter } from 'dclint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { variables } from '../../src/config.ts';
import { checker, kitFiles, kitPath, kitText, run } from '../support/fixtures/deploy-kit.ts';
import { serverPrograms, testWithNats } from '../support/fixtures/servers.ts';

const caddy = await checker('caddy');
const hadolint = await checker('hadolint');
const kubernetes = await checker('kubernetes');
const promtool = await checker('promtool');
const systemdAnalyze = await checker('systemd-analyze');

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oshi-deploy-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test('only variables that Oshi reads are set', () => {
  const set = kitFiles().flatMap((file) => kitText(file).match(/\bOSHI_[A-Z_]+/g) ?? []);
  expect(set.length).toBeGreaterThan(10);
  expect(set.filter((name) => !variables.some((known) => known === name))).toEqual([]);
});

test.skipIf(hadolint === '')('hadolint accepts the Dockerfile', async () => {
  expect(await run(hadolint, [kitPath('Dockerfile')])).toMatchObject({ stdout: '' });
});

test('the context of the image holds what the Dockerfile copies from it, and nothing else', () => {
  const copied = [...kitText('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)];
  const names = new Set(copied.flatMap(([, sources = '']) => sources.split(' ')));
  const allowed = [...kitText('Dockerfile.dockerignore').matchAll(/^!(.+)$/gm)];
  expect(allowed.map(([, name]) => name).toSorted()).toEqual([...names].toSorted());
});

/** Rules that are questions of style, or exclude what these files intend: public ports, an image built from here. */
const composeRulesOff = [
  'no-build-and-image',
  'no-quotes-in-volumes',
  'no-unbound-port-interfaces',
  'require-quotes-in-ports',
  'service-dependencies-alphabetical-order',
  'service-keys-order',
  'service-ports-alphabetical-order',
  'services-alphabetical-order',
  'top-level-properties-order',
];

test.each(['compose.yaml', 'compose.cluster.yaml'])(
  '%s fits the schema of the Compose specification',
  (file) => {
    const rules = Object.fromEntries(composeRulesOff.map((rule) => [rule, 0 as const]));
    const linter = new DCLinter({ rules, quiet: true, debug: false, exclude: [] });
    const [result] = linter.lintFiles([kitPath(file)], false);
    expect(result?.messages).toEqual([]);
  },
);

type Service = Readonly<Record<string, unknown>> & {
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: { readonly edge?: { readonly ipv4_address: string } };
};

test.each(['compose.yaml', 'compose.cluster.yaml'])(
  '%s: Oshi trusts Caddy only, writes to its data only, and has time to stop',
  (file) => {
    const { services } = parse(kitText(file), { merge: true }) as {
      services: Readonly<Record<string, Service>>;
    };
    const trusted = services.caddy?.networks.edge?.ipv4_address;
    const oshi = Object.entries(services).filter(([name]) => name.startsWith('oshi'));
    expect(oshi.length).toBeGreaterThan(0);
    for (const [, service] of oshi) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(service.environment.OSHI_TRUST_PROXY).toBe(trusted);
      expect(Number.parseInt(String(service.stop_grace_period), 10)).toBeGreaterThan(10);
    }
  },
);

type Resource = { readonly apiVersion: string; readonly kind: string };

/** Validates a resource of Kubernetes against the type that it names. */
const kubernetesErrors = async (): Promise<(resource: Resource) => unknown> => {
  const { $id, $defs } = JSON.parse(await readFile(kubernetes, 'utf8'));
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id, $defs });
  type Kinds = readonly { group: string; version: string; kind: string }[];
  const nameOf = ({ apiVersion, kind }: Resource): string | undefined => {
    const [version, group = ''] = apiVersion.split('/').toReversed();
    return Object.keys($defs).find((name) => {
      const kinds: Kinds = $defs[name]['x-kubernetes-group-version-kind'] ?? [];
      return kinds.some(
        (each) => each.group === group && each.version === version && each.kind === kind,
      );
    });
  };
  return (resource) => {
    const validate = ajv.compile({ $ref: `${$id}#/$defs/${nameOf(resource)}` });
    return validate(resource) ? [] : validate.errors;
  };
};

test.skipIf(kubernetes === '')('the resources of Kubernetes fit their schemas', async () => {
  const errorsOf = await kubernetesErrors();
  for (const file of ['kubernetes/embedded.yaml', 'kubernetes/nodes.yaml']) {
    const documents = parseAllDocuments(kitText(file)).map((document) => document.toJS());
    expect(documents.length).toBeGreaterThan(3);
    for (const resource of documents) {
      const { kind } = resource;
      expect({ file, kind, errors: errorsOf(resource) }).toEqual({ file, kind, errors: [] });
      expect(errorsOf({ ...resource, sepc: {} })).toHaveLength(1);
    }
  }
});

test.skipIf(caddy === '')('caddy accepts its file, with one server and with two', async () => {
  for (const UPSTREAMS of ['', 'oshi-1:8080 oshi-2:8080']) {
    const env = { DOMAIN: 'chat.example.org', HOME: dir, ...(UPSTREAMS && { UPSTREAMS }) };
    const words = ['--adapter', 'caddyfile', '--config', kitPath('caddy/Caddyfile')];
    await run(caddy, ['validate', ...words], { env });
  }
});

testWithNats('nats-server accepts its configuration', async () => {
  const env = { NATS_NAME: 'nats-1', NATS_PASSWORD: 'n0' };
  await run(serverPrograms().nats, ['-t', '-c', kitPath('nats/nats.conf')], { env });
});

test.skipIf(systemdAnalyze === '')('systemd accepts the unit, and rates it as safe', async () => {
  const unit = join(dir, 'oshi.service');
  const program = join(import.meta.dirname, '../../dist/cli/oshi.js');
  const command = /(?<=^ExecStart=)\S+ \S+(?= start$)/m;
  const text = kitText('systemd/oshi.service');
  expect(text).toMatch(command);
  await writeFile(unit, text.replace(command, `${execPath} ${program}`));
  expect(await run(systemdAnalyze, ['verify', '--man=no', unit])).toEqual({
    stdout: '',
    stderr: '',
  });
  // In tenths, from 0, the safest, to 100. More than 90 is what a unit without protection has.
  await run(systemdAnalyze, ['security', '--offline=true', '--threshold=15', unit]);
});

test.skipIf(promtool === '')('promtool accepts the configuration and the rules', async () => {
  await run(promtool, ['check', 'config', kitPath('prometheus/prometheus.yml')]);
  await run(promtool, ['test', 'rules', kitPath('prometheus/rules.test.yml')]);
});

test('each of the alerts has a section that says what to do', async () => {
  const { groups } = parse(kitText('prometheus/rules.yml')) as {
    groups: { rules: { alert: string; annotations: { runbook: string } }[] }[];
  };
  const alerts = groups.flatMap(({ rules }) => rules);
  const page = await readFile(join(import.meta.dirname, '../../docs/deployment.md'), 'utf8');
  const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
  expect(alerts).toHaveLength(6);
  for (const { alert, annotations } of alerts) {
    expect(headings).toContain(alert);
    expect(annotations.runbook).toBe(`docs/deployment.md#${alert.toLowerCase()}`);
  }
});
