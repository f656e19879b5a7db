/** Loaded before everything else by processes of a test: writes down each file below `OPENS_OF` that they open, in `OPENS_LOG`. */
import fs, { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { OPENS_OF: below, OPENS_LOG: log } = process.env;
const { open } = fs.promises;

if (below !== undefined && log !== undefined) {
  fs.promises.open = (path, ...how) => {
    if (String(path).startsWith(below) && String(path).endsWith('.jpg'))
      appendFileSync(log, `${String(path)}\n`);
    return open(path, ...how);
  };
  syncBuiltinESMExports();
}
