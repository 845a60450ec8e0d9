import { rm } from 'node:fs/promises';
import { expect } from 'vitest';
import { backupPlace } from '../support/fixtures/backups.ts';
import { testInBrowser } from '../support/fixtures/browser.ts';
import { composer, messageWith } from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, post } from '../support/fixtures/server-people.ts';

const stage = usePageStage();

testInBrowser('an open page shows a restored log without being reloaded [W7]', async () => {
  const place = await backupPlace();
  const ann = await stage.account('Ann');
  const ben = await stage.account('Ben');
  const circle = await makeCircle(ann, [ben]);
  await post(ben, circle, { text: 'in the backup' });
  // The session of the page is older than the backup; a newer one would be gone.
  const { page } = await stage.enter(ann, { path: `/c/${circle}/${circle}` });
  await messageWith(page, 'in the backup').waitFor();
  await place.backUp(stage.env());
  await post(ben, circle, { text: 'after the backup' });
  await messageWith(page, 'after the backup').waitFor();
  const loaded = await page.evaluate(() => performance.timeOrigin);

  await stage.kill();
  await rm(stage.env().OSHI_DATA_DIR, { recursive: true });
  await place.restore(stage.env());
  await stage.start();
  await messageWith(page, 'after the backup').waitFor({ state: 'detached' });
  await messageWith(page, 'in the backup').waitFor();
  await composer(page).fill('after the restore');
  await composer(page).press('Enter');
  await messageWith(page, 'after the restore').waitFor();
  await expect.poll(async () => (await post(ben, circle, { text: 'again' })).status).toBe(201);
  await messageWith(page, 'again').waitFor();
  expect(await page.evaluate(() => performance.timeOrigin)).toBe(loaded);
  expect(stage.ownConsoleErrors()).toEqual([]);
});
