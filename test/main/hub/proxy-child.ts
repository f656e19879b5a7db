/** Asks the Hub at HF_ENDPOINT twice for a repository's commit and prints it, or the code of the failure. */
import { hubClient } from '../../../main/hub/client.ts';
import { resolveRepository } from '../../../main/hub/repository.ts';
import { toFailure } from '../../../main/contract/result.ts';

for (let times = 0; times < 2; times++)
  try {
    const { signal } = new AbortController();
    console.log((await resolveRepository(hubClient(), 'owner/tiny-vit', 'main', signal)).revision);
  } catch (error) {
    console.log(toFailure(error).code);
  }
