/** A thread that writes one model for other programs. */
import { answer } from '../../rpc/calls.ts';
import { threadPort } from '../../rpc/thread.ts';
import { writeModel, type WriteModelTask } from './write-model.ts';

const { emit } = answer(threadPort(), {
  write: (task: WriteModelTask) =>
    writeModel(task, (bytes, totalBytes) => emit('written', { bytes, totalBytes })),
});
