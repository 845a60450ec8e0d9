/** A backup that cannot be restored as it is. The message is one line that says what to do. */
export class BackupDamaged extends Error {
  override readonly name = 'BackupDamaged';
}
