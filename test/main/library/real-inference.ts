/** The real inference process as the library asks it, for tests that end it. */
import type { InferenceVerbs } from '../../../main/contract/inference.ts';
import type { Inference } from '../../../main/library/inference.ts';
import { caller, type Caller } from '../../../main/rpc/calls.ts';
import { startFromHere } from '../../../main/rpc/parent.ts';

export type Interactive = Pick<Inference, 'interactive'>;

export interface RealInference {
  inference: Interactive;
  /** Names of what was asked. */
  calls: string[];
  /** Kills the process; the next call starts another. */
  end(): Promise<void>;
}

/** `before` each call. */
export function realInference(before: (name: string) => Promise<void> | void = () => {}): RealInference {
  const calls: string[] = [];
  let running: Caller<InferenceVerbs> | null = null;
  let kill = () => {};
  const end = async () => {
    const ending = running;
    running = null;
    kill();
    await ending?.closed;
  };
  const inference: Interactive = {
    interactive: async (name, request, options) => {
      await before(name);
      if (!running) {
        const child = startFromHere('inference');
        kill = () => child.kill();
        running = caller<InferenceVerbs>(child.port);
      }
      calls.push(name);
      return running.call(name, request, options);
    },
  };
  return { inference, calls, end };
}
