import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkStructure } from '../../../../../src/engine/embedded/files/file-structure.ts';
import { requireRoom } from '../../../../../src/engine/embedded/files/free-space.ts';
import { opening, unusable } from '../../../../../src/engine/embedded/files/refusal.ts';
import { damaged, StoreRefused } from '../../../../../src/events/store-refused.ts';

const { EACCES, EROFS, ENOSPC, EDQUOT, EISDIR, ENOMEM, EIO } = constants.errno;

const thrown = (code: unknown, message = 'MDB_ANY: so LMDB says\nin two lines') =>
  Object.assign(new Error(message), { code });

test.for([
  [
    EACCES,
    /^log\.mdb may not be read and written by this user \(.*\)\. Give this user the right to\.$/,
  ],
  ['EACCES', /may not be read and written/],
  [EROFS, /may not be read and written/],
  [ENOSPC, /^log\.mdb has no room on the disk \(.*\)\. Make some\.$/],
  ['ENOSPC', /no room/],
  [EDQUOT, /no room/],
  [EISDIR, /^log\.mdb is a folder, .*\. Move it away, or restore the file from a backup\.$/],
  [ENOMEM, /no more files or memory/],
  [-30790, /is read by too many processes/],
  [-30794, /another version of LMDB/],
] as const)('code %s is no damage, and the line says what to do', ([code, line]) => {
  const refused = unusable('log.mdb', thrown(code));
  expect(refused.message).toMatch(line);
  expect(refused.message).not.toContain('\n');
  expect(refused.isDamage).toBe(false);
});

test.for([[-30793], [-30796], [EIO], [undefined]] as const)(
  'code %s is damage: restore the file',
  ([code]) => {
    const refused = unusable('log.mdb', thrown(code));
    expect(refused.message).toMatch(
      /^log\.mdb is damaged \(MDB_ANY: so LMDB says\)\. Restore it from a backup/,
    );
    expect(refused).toMatchObject({ isDamage: true, damage: 'MDB_ANY: so LMDB says' });
  },
);

test('a refusal stays what it is', () => {
  const refused = damaged('log.mdb', 'it is empty');
  expect(unusable('other', refused)).toBe(refused);
  const open = (): never => {
    throw thrown(EACCES);
  };
  expect(() => opening('log.mdb', open)).toThrow(StoreRefused);
  expect(opening('log.mdb', () => 7)).toBe(7);
});

test('a folder where a file should be is refused in one line, and a folder has room or is named', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-refusal-'));
  expect(() => checkStructure(dir)).toThrow(/ is a folder, .*EISDIR.*Move it away/);
  requireRoom(dir);
  const file = join(dir, 'file');
  await writeFile(file, '');
  expect(() => requireRoom(file)).toThrow(/file is a folder, or is in a file/);
  await rm(dir, { recursive: true });
});
