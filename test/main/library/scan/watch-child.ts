/** Watches the folder it is given, and prints why it became slow and which folders were looked at by the clock. */
import { setTimeout as sleep } from 'node:timers/promises';
import { lookAgain, Watchers } from '../../../../main/library/scan/watch.ts';

lookAgain.slowMs = 300;
const slow: [string, string][] = [];
const looked = new Set<string>();
const watchers = new Watchers({
  onChange: () => {},
  onTime: (root) => void looked.add(root),
  onSlow: (root, reason) => void slow.push([root, reason]),
});
await watchers.add(process.argv[2]!, Date.now());
for (let i = 0; i < 200 && !looked.size; i++) await sleep(50);
await watchers.close();
process.stdout.write(JSON.stringify({ slow, looked: [...looked] }));
process.exit();
