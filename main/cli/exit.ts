/** Exit codes of `saccade`, documented in docs/command-line.md. */
export const exitCodes = {
  allWell: 0,
  couldNotRun: 1,
  wrongUsage: 2,
  /** Finished, but some files failed. */
  someFailed: 3,
  /** Ctrl-C: 128 + SIGINT, as shells expect. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What a command's action hands its work to. */
export type Run = (work: () => Promise<ExitCode>) => Promise<void>;
