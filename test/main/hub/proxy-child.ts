/** Asks the Hub at HF_ENDPOINT for a repository's commit and prints it. */
import { hubClient } from '../../../main/hub/client.ts';
import { resolveRepository } from '../../../main/hub/repository.ts';

const { revision } = await resolveRepository(
  hubClient(),
  'owner/tiny-vit',
  'main',
  new AbortController().signal,
);
console.log(revision);
