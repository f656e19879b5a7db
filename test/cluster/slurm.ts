/** A whole Slurm of one's own: authentication, controller and two nodes on the loopback, in a folder. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Slurm {
  nodes: number;
  readyMs: number;
  /** Standard output of one of Slurm's commands. */
  run(command: string, words: string[], cwd: string): string;
  stop(): void;
}

const nodes = 2;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function configuration(folder: string): Promise<string> {
  const { username } = userInfo();
  const ports = await Promise.all(Array.from({ length: nodes + 1 }, freePort));
  return `ClusterName=saccade
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${ports[0]}
AuthType=auth/munge
CredType=cred/munge
# A requeued task may begin once its credentials have ended.
AuthInfo=socket=${folder}/munge.socket,cred_expire=5
SlurmUser=${username}
SlurmdUser=${username}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
KillWait=5
${ports
  .slice(1)
  .map(
    (port, i) =>
      `NodeName=n${i + 1} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${port} CPUs=2 RealMemory=4000`,
  )
  .join('\n')}
PartitionName=all Nodes=n[1-${nodes}] Default=YES MaxTime=INFINITE State=UP
`;
}

export async function startSlurm(folder: string, environment: NodeJS.ProcessEnv): Promise<Slurm> {
  const began = performance.now();
  for (const name of ['', 'state', 'spool-n1', 'spool-n2'])
    mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  writeFileSync(join(folder, 'munge.key'), randomBytes(1024), { mode: 0o400 });
  const file = join(folder, 'slurm.conf');
  writeFileSync(file, await configuration(folder));
  writeFileSync(join(folder, 'cgroup.conf'), 'CgroupAutomount=no\n');
  const env = { ...environment, SLURM_CONF: file };
  const daemons: ChildProcess[] = [];
  const start = (program: string, words: string[]) =>
    daemons.push(spawn(program, words, { env, stdio: ['ignore', 'ignore', 'pipe'] }));
  const run: Slurm['run'] = (command, words, cwd) =>
    execFileSync(command, words, { cwd, env, encoding: 'utf8' });
  const stop = () => {
    for (const daemon of daemons.reverse()) daemon.kill('SIGTERM');
  };
  const munge = ['--foreground', '--force', ...['socket', 'key-file', 'pid-file', 'log-file', 'seed-file'].map((name) => `--${name}=${join(folder, `munge.${name.replace('-file', '')}`)}`)]; // prettier-ignore
  start('munged', munge);
  await sleep(200);
  start('slurmctld', ['-D', '-f', file]);
  for (let i = 1; i <= nodes; i++) start('slurmd', ['-D', '-N', `n${i}`, '-f', file]);
  for (let i = 0; ; i++) {
    try {
      const states = run('sinfo', ['--noheader', '--Node', '--format=%T'], folder).trim().split('\n');
      if (states.length === nodes && states.every((state) => state === 'idle')) break;
    } catch {
      // The controller is not there yet.
    }
    if (i > 300) {
      stop();
      throw new Error(`Slurm did not become ready; its words are in ${folder}`);
    }
    await sleep(100);
  }
  return { nodes, readyMs: Math.round(performance.now() - began), run, stop };
}
