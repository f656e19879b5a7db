/** Scans a folder of a catalog once, from a given moment on, and prints what kept it from that; nothing where nothing did. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { scanFolder } from '../../../../main/library/scan/scan.ts';

const [file, folder, atMs] = process.argv.slice(2) as [string, string, string];
const catalog = openCatalog(file);
// Asleep until shortly before, so that only the last moment is waited for on the core.
await sleep(Math.max(0, Number(atMs) - Date.now() - 20));
while (Date.now() < Number(atMs));
try {
  await scanFolder(catalog, folder, { onFound: () => {}, onChanged: () => {} });
} catch (error) {
  process.stdout.write(String(error));
}
catalog.close();
