/** A thread that teaches, one head after another: fitting would hold up every question meanwhile. */
import { parentPort } from 'node:worker_threads';
import { teach } from '../../../models/heads/teach.ts';
import { settle } from '../../contract/result.ts';
import type { FromTeaching, TeachTask } from './teach-thread.ts';

const say = (message: FromTeaching) => parentPort!.postMessage(message);

parentPort!.on('message', ({ examples, options }: TeachTask) => {
  const onstep = (done: number, of: number) => say({ done, of });
  void settle(() => teach(examples, { ...options, onstep })).then((taught) => say({ taught }));
});
