import { expect } from 'vitest';
import { call, makeCircle, post, register } from '../support/fixtures/server-people.ts';
import { runOshi, startOshi } from '../support/fixtures/server-process.ts';
import { openStage } from '../support/fixtures/server-stage.ts';
import { testWithServers } from '../support/fixtures/servers.ts';

testWithServers(
  'a second Oshi on the same servers is refused; what reads beside the first is not',
  async () => {
    const stage = await openStage('cluster');
    const first = await stage.server();
    const ann = await register(first.url);
    const circle = await makeCircle(ann);
    const second = await runOshi(['start'], { ...stage.env, OSHI_PORT: '0' });
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(
      new RegExp(
        `^oshi: another Oshi \\(process ${first.pid} on \\S+, since \\S+Z\\) uses these servers: [^\\n]+\\n$`,
      ),
    );
    expect((await post(ann, circle, { text: 'first' })).status).toBe(201);
    const beside = ['replay', 'verify --no-models', 'checkpoint', 'projections', 'rebuild users'];
    for (const words of beside) {
      const { code, stderr } = await runOshi(words.split(' '), stage.env);
      expect({ words, code, stderr }).toMatchObject({ code: 0 });
    }
    expect((await post(ann, circle, { text: 'second' })).status).toBe(201);
    await stage.close();
  },
);

testWithServers('after a crash, and after a stop, the next one starts without a wait', async () => {
  const stage = await openStage('cluster');
  await (await stage.server()).kill();
  const next = await stage.restart();
  expect(next.stdout()).not.toContain('waited for');
  expect((await next.stop()).code).toBe(0);
  const last = await stage.restart();
  expect(last.stdout()).not.toContain('waited for');
  await stage.close();
});

testWithServers('one that was silent and is replaced stops in order, and says why', async () => {
  const stage = await openStage('cluster');
  const first = await stage.server();
  process.kill(first.pid, 'SIGSTOP');
  const second = await startOshi({ ...stage.env, OSHI_PORT: '0' });
  expect(second.stdout()).toMatch(
    new RegExp(
      `An Oshi that does not answer \\(process ${first.pid} on .*it is waited for up to 3 s\\.`,
    ),
  );
  process.kill(first.pid, 'SIGCONT');
  const ending = await first.ended;
  expect(ending).toMatchObject({ code: 1, signal: null });
  expect(ending.stdout).toContain('taken over: stopping');
  expect(ending.stderr).toMatch(
    new RegExp(
      `^oshi: another Oshi \\(process ${second.pid} on .*\\) has taken over these servers\\.$`,
      'm',
    ),
  );
  expect(await call(second.url, 'GET /readyz')).toMatchObject({ status: 200 });
  expect((await second.stop()).code).toBe(0);
  await stage.close();
});
