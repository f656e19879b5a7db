/**
 * Runs scripts of package.json side by side: `node test/side-by-side.ts SCRIPT…`. One waits for processes and clocks
 * while another computes. What each says is told whole when it has ended; the exit status is 1 where one failed.
 */
import { spawn } from 'node:child_process';

async function run(script: string): Promise<boolean> {
  const begun = Date.now();
  // One string, as Windows finds npm through a shell alone.
  const child = spawn(`npm run -s ${script}`, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => said.push(part));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  process.stdout.write(Buffer.concat(said));
  console.log(
    `${script}: ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - begun) / 1000)} s\n`,
  );
  return code === 0;
}

const passed = await Promise.all(process.argv.slice(2).map(run));
if (!passed.every(Boolean)) process.exitCode = 1;
