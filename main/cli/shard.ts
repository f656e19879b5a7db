/** `--shard`: which part of the photos a command works on, said outright or by the scheduler that started it. */
import { InvalidArgumentError } from 'commander';
import { join } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import type { Shard } from '../contract/entities/path-job.ts';
import { home } from '../home.ts';

/** `index` null: the scheduler says which. `count` null: the scheduler says how many. */
export interface ShardChoice {
  index: number | null;
  count: number | null;
}

/** "2/4", "auto" or "auto/4" */
export function shardChoice(text: string): ShardChoice {
  if (text === 'auto') return { index: null, count: null };
  const [, which, of] = /^(auto|\d{1,7})\/(\d{1,7})$/.exec(text) ?? [];
  const index = which === 'auto' ? null : Number(which);
  const count = Number(of);
  if (count >= 1 && count <= 1_000_000 && (index === null || (index >= 1 && index <= count)))
    return { index, count };
  throw new InvalidArgumentError('Expected a shard and how many there are, such as 2/4, or auto, or auto/4.');
}

type Environment = Readonly<Record<string, string | undefined>>;

function numberOf(environment: Environment, name: string): number | null {
  const text = environment[name];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

const refuse = (message: string) => new SaccadeError('wrong-usage', message);

/** Of a job array, whatever its first number and step; one with holes can't be told from a part of a larger one. */
function wholeArray(environment: Environment, task: number): Shard {
  const [count, first, last] = ['COUNT', 'MIN', 'MAX'].map((name) =>
    numberOf(environment, `SLURM_ARRAY_TASK_${name}`),
  ) as [number | null, number | null, number | null];
  const step = numberOf(environment, 'SLURM_ARRAY_TASK_STEP') || 1;
  if (count === null || first === null || last === null)
    throw refuse(
      'Expected Slurm to say how many tasks the array has (SLURM_ARRAY_TASK_COUNT, _MIN, _MAX); found no such variables. Say it: --shard auto/N.',
    );
  if (first > 1 || (last - first) / step !== count - 1)
    throw refuse(
      `Expected an array without holes that begins at 0 or 1; found ${count} tasks from ${first} to ${last}, step ${step}. If they are a part of a larger array that began at 0, say how many that had: --shard auto/N.`,
    );
  return { index: (task - first) / step + 1, count };
}

/** @throws SaccadeError `wrong-usage` where it is not said which, or how many */
export function chosenShard({ index, count }: ShardChoice, environment: Environment = process.env): Shard {
  if (index !== null && count !== null) return { index, count };
  const task = numberOf(environment, 'SLURM_ARRAY_TASK_ID');
  if (task !== null && count === null) return wholeArray(environment, task);
  const completion = numberOf(environment, 'JOB_COMPLETION_INDEX');
  const counted = task ?? completion;
  if (counted === null)
    throw refuse(
      'Expected a scheduler to say which shard this is (SLURM_ARRAY_TASK_ID of Slurm, JOB_COMPLETION_INDEX of Kubernetes); found neither. Say it: --shard 1/4.',
    );
  const of = count ?? numberOf(environment, 'JOB_COMPLETIONS');
  if (!of)
    throw refuse(
      'Expected to be told how many shards there are: Kubernetes says which this is, and not of how many. Say it, --shard auto/N, or set JOB_COMPLETIONS to the completions of the job.',
    );
  if (counted >= of)
    throw refuse(
      `Expected numbers from 0 to ${of - 1} for ${of} shards; found ${counted}. Number the tasks from 0.`,
    );
  return { index: counted + 1, count: of };
}

/** Where the data folders of shards are. */
export const shardsFolder = (): string => join(home(), 'shards');

/** A catalog has one writer on one machine; machines share a folder of data folders, not a data folder. */
export const shardHome = ({ index, count }: Shard): string => join(shardsFolder(), `${index}-of-${count}`);
