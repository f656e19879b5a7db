import { SaccadeError } from '../../../models/error.ts';

/** @throws SaccadeError `cancelled` where an export was, with nothing written */
export function expectGoing(signal: AbortSignal): void {
  if (signal.aborted) throw new SaccadeError('cancelled', 'The export was cancelled; nothing was written.');
}
