/** The verbs a host answers itself, by name: the shell and the browser host each have an implementation. */
import type { Answer, Verbs, VerbName } from '../contract/verbs.ts';
import type { z } from 'zod';

export type HostVerb = { [Name in VerbName]: Verbs[Name]['served'] extends 'host' ? Name : never }[VerbName];

/** Requests arrive validated. A handler throws SaccadeError for what this host can't do. */
export type HostServices = {
  [Name in HostVerb]: (request: z.output<Verbs[Name]['request']>) => Answer<Name> | Promise<Answer<Name>>;
};
