/** Folders of other machines: what others change in them, this system does not tell. */
import { statfs } from 'node:fs/promises';
import { systemPath } from '../../file-names.ts';

/** Magic numbers of Linux (statfs(2)): NFS, SMB, CIFS, SMB2, 9P, AFS, Coda, Ceph, Lustre, GPFS, FUSE (sshfs and others). */
const remoteTypes = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x5346414f, 0x73757245, 0x00c36400, 0x0bd00bd0,
  0x47504653, 0x65735546,
]);

/** False where it can't be told: on macOS, and of drives with a letter on Windows. */
export async function isRemote(path: string): Promise<boolean> {
  if (process.platform === 'win32') return path.startsWith('\\\\');
  if (process.platform !== 'linux') return false;
  const facts = await statfs(systemPath(path)).catch(() => null);
  return facts !== null && remoteTypes.has(facts.type >>> 0);
}
