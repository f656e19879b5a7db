/**
 * Runs scripts of package.json side by side: `node test/side-by-side.ts SCRIPT…`. One waits for processes and clocks
 * while another computes. What each says is told whole when it has ended, what failed after all the others: of a long
 * log people see the end. The exit status is 1 where one failed.
 */
import { spawn } from 'node:child_process';

/** @returns what a script that failed has said, for later; null of one that passed, which is told at once. */
async function run(script: string): Promise<string | null> {
  const begun = Date.now();
  // One string, as Windows finds npm through a shell alone.
  const child = spawn(`npm run -s ${script}`, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => said.push(part));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  const seconds = Math.round((Date.now() - begun) / 1000);
  const told = `${Buffer.concat(said).toString('utf8')}${script}: ${code === 0 ? 'passed' : 'FAILED'} in ${seconds} s\n`;
  if (code !== 0) {
    console.log(`${script}: FAILED in ${seconds} s; what it said follows at the end\n`);
    return told;
  }
  console.log(told);
  return null;
}

const failed = (await Promise.all(process.argv.slice(2).map(run))).filter((said) => said !== null);
for (const said of failed) console.log(said);
if (failed.length > 0) process.exitCode = 1;
