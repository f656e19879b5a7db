/** Downloads until it is killed: node downloads-child.ts <folder> <endpoint>; prints every status. */
import { hubClient } from '../../../../main/hub/client.ts';
import { Downloads } from '../../../../main/library/models/downloads.ts';
import { optionsFor } from '../downloads-setting.ts';

const [folder, endpoint] = process.argv.slice(2) as [string, string];
const downloads = new Downloads({
  ...optionsFor(folder, () => hubClient({ HF_ENDPOINT: endpoint, HF_HOME: `${folder}/hf` })),
  emit: (status) => console.log(JSON.stringify(status)),
});
downloads.start('owner/tiny-vit');
