/** One piece of work at a time; what somebody waits for goes before what is already waiting. */
export interface Queue {
  add<T>(work: () => Promise<T>, urgent?: boolean): Promise<T>;
}

export function createQueue(): Queue {
  const urgentJobs: (() => Promise<void>)[] = [];
  const jobs: (() => Promise<void>)[] = [];
  let busy = false;

  async function drain(): Promise<void> {
    if (busy) return;
    busy = true;
    for (;;) {
      // A run blocks this thread: messages that came meanwhile, urgent ones too, must get in first.
      await new Promise((resolve) => setImmediate(resolve));
      const job = urgentJobs.shift() ?? jobs.shift();
      if (!job) break;
      await job();
    }
    busy = false;
  }

  return {
    add(work, urgent = false) {
      return new Promise((resolve, reject) => {
        (urgent ? urgentJobs : jobs).push(() => work().then(resolve, reject));
        void drain();
      });
    },
  };
}
