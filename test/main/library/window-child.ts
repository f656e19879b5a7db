/** A window of another process on the place that it is given, with a stand-in for inference that takes its time; asked by messages. */
import { setTimeout as sleep } from 'node:timers/promises';
import { toFailure } from '../../../main/contract/result.ts';
import { inferenceStandIn } from './inference-stand-in.ts';
import { openLibrary, type Place } from './setup.ts';

const place = { ...(JSON.parse(process.argv[2]!) as Place), closing: [] };
const start = inferenceStandIn({ batch: 1, beforeAnswer: () => sleep(20) });
const library = await openLibrary(place, { window: true, start });
process.on('message', ([verb, request]: ['runs.current', never]) => {
  library.call(verb, request).then(
    (value) => process.send!({ value }),
    (error: unknown) => process.send!({ failure: toFailure(error) }),
  );
});
process.send!('open');
