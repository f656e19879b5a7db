/** A thread that teaches, one head after another: fitting would hold up every question meanwhile. */
import { teach } from '../../../models/heads/teach.ts';
import { answer } from '../../rpc/calls.ts';
import { threadPort } from '../../rpc/thread.ts';
import type { TeachStep, TeachTask } from './teach-thread.ts';

const { emit } = answer(threadPort(), {
  teach: ({ examples, options }: TeachTask) =>
    teach(examples, { ...options, onstep: (done, of) => emit('step', { done, of } satisfies TeachStep) }),
});
