/** What is fed rubbish. Each may throw a SaccadeError and nothing else. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePhoto } from '../../main/decode/decode.ts';
import { datasetFormat } from '../../main/contract/exports.ts';
import { jpeg, makers } from '../main/decode/containers/raw-samples.ts';
import { createBroker } from '../../main/broker/broker.ts';
import type { HostServices } from '../../main/broker/host.ts';
import { unwrap } from '../../main/contract/result.ts';
import { createLibrary } from '../../main/library/library.ts';
import { decode } from '../../main/contract/wire.ts';
import { describeOnnx } from '../../models/formats/onnx.ts';
import { encodeModel } from '../../models/onnx/schema.ts';
import { importModel } from '../../models/import.ts';
import { readManifest } from '../../models/store.ts';
import { encodeSafetensors } from '../../models/weights/encode-safetensors.ts';
import { SafetensorsFile } from '../../models/weights/safetensors.ts';
import { brokenRequest, pick, type Random, validRequest, verbNames } from '../main/broker/requests.ts';
import { foreignVit } from '../models/foreign.ts';
import { huggingFaceTensors, timmConfig, timmTensors, tinyShape, writeTimm } from '../models/tiny.ts';
import { addKeywords } from '../../main/xmp/add.ts';
import { xmpText } from '../../main/xmp/encoding.ts';
import { iptcKeywords } from '../../main/xmp/iptc.ts';
import { keywordsIn } from '../../main/xmp/keywords.ts';
import { brokenBytes, brokenJson } from './mutate.ts';

export interface Target {
  name: string;
  once(random: Random): Promise<void> | void;
}

const huggingFace = {
  'config.json': { model_type: 'vit', hidden_size: 24, num_hidden_layers: 2, num_attention_heads: 3, image_size: 32, patch_size: 8, hidden_act: 'gelu', layer_norm_eps: 1e-6, id2label: { 0: 'a', 1: 'b' } }, // prettier-ignore
  'preprocessor_config.json': { do_resize: true, size: { height: 32, width: 32 }, resample: 3, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] }, // prettier-ignore
};

/** As other programs write them. */
const labelFiles = {
  fiftyone: { classes: ['a', 'b'], labels: { 'x.jpg': 1, '/y/z.jpg': [{ label: 0, confidence: 0.5 }] } },
  coco: { images: [{ id: 1, file_name: 'x.jpg' }], annotations: [{ id: 1, image_id: 1, category_id: 2 }], categories: [{ id: 2, name: 'a' }] }, // prettier-ignore
  'label-studio': [{ data: { image: '/data/local-files/?d=a%20b/x.jpg' }, annotations: [{ result: [{ type: 'choices', value: { choices: ['a'] } }] }] }], // prettier-ignore
  imagefolder: { file_name: 'x.jpg', labels: ['a'] },
};

/** @param folder to write into; everything in it is rubbish afterwards */
export async function makeTargets(folder: string): Promise<{ targets: Target[]; close(): Promise<void> }> {
  const weights = encodeSafetensors(timmTensors(tinyShape));
  const onnx = encodeModel(foreignVit({ style: 'softmax' }));
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const tensors = huggingFaceTensors({ ...tinyShape, classes: 2 });
  const { manifest } = await importModel(writeTimm(join(folder, 'whole'), tinyShape), join(folder, 'sound'));
  const pictures = { large: await jpeg(320, 240), small: await jpeg(160, 120) };
  let count = 0;
  const fresh = () => join(folder, `case-${count++ % 50}`);

  const library = createLibrary(
    () => {
      throw new Error('nothing is inferred here');
    },
    () => {},
  );
  const ask = library.handlers as Record<string, (request: unknown, context: unknown) => unknown>;
  const context = { signal: new AbortController().signal, urgent: false };
  const builtInModel = writeTimm(join(folder, 'starter'), tinyShape);
  await ask['internal.open']!({ home, builtInModel, window: false, remember: false }, context);
  // Asked of a real library, but nothing that would reach out of the folder or compute.
  const asked = verbNames.filter((verb) => !/^(dialog|app|runs\.start|models\.(download|export|import|resume)|exports|writing\.start|inspect|providers|folders\.add|data)/.test(verb)); // prettier-ignore
  const broker = createBroker(
    { ask: async () => ({ ok: true, value: null }), onEvent: () => () => {} } as never,
    {} as HostServices,
  );

  const targets: Target[] = [
    {
      name: 'safetensors reader',
      once(random) {
        const file = join(folder, 'x.safetensors');
        writeFileSync(file, brokenBytes(random, weights, random() < 0.7 ? 4000 : weights.length));
        using opened = new SafetensorsFile(file);
        for (const name of opened.header.tensors.keys()) opened.bytes(name);
      },
    },
    {
      name: 'previews of camera RAW',
      async once(random) {
        const kind = pick(random, Object.keys(makers));
        const file = join(folder, `x.${kind}`);
        writeFileSync(
          file,
          brokenBytes(random, makers[kind]!(pictures, 6), random() < 0.8 ? 1000 : undefined),
        );
        await decodePhoto(file, { atLeast: ({ width, height }) => ({ width, height }) });
      },
    },
    {
      name: 'labels of other programs',
      async once(random) {
        const format = pick(random, datasetFormat.options);
        const file = join(folder, 'labels.json');
        writeFileSync(file, JSON.stringify(brokenJson(random, labelFiles[format])));
        await ask['labels.import']!({ path: file, format }, context);
      },
    },
    {
      name: 'ONNX reader',
      once(random) {
        const file = join(folder, 'x.onnx');
        writeFileSync(file, brokenBytes(random, onnx));
        const half: [number, number, number] = [0.5, 0.5, 0.5];
        const resize = { mode: 'exact', height: 24, width: 32 } as const;
        describeOnnx(file, {
          mean: half,
          std: half,
          resize,
          interpolation: 'bicubic',
          labels: ['a', 'b', 'c', 'd', 'e'],
        });
      },
    },
    {
      name: "timm's configuration",
      async once(random) {
        const config = brokenJson(random, timmConfig(tinyShape)) as Record<string, unknown>;
        await importModel(writeTimm(fresh(), tinyShape, undefined, config), join(fresh(), 'installed'), {
          name: `m${count}`,
        });
      },
    },
    {
      name: "Hugging Face's configuration",
      async once(random) {
        const place = writeTimm(fresh(), tinyShape, tensors, huggingFace['config.json']);
        for (const [name, value] of Object.entries(huggingFace))
          writeFileSync(
            join(place, name),
            JSON.stringify(random() < 0.5 ? brokenJson(random, value) : value),
          );
        await importModel(place, join(fresh(), 'installed'), { name: `m${count}` });
      },
    },
    {
      name: 'model.json',
      once(random) {
        const place = fresh();
        mkdirSync(place, { recursive: true });
        writeFileSync(join(place, 'model.json'), JSON.stringify(brokenJson(random, manifest)));
        readManifest(place);
      },
    },
    {
      name: 'keywords in photos',
      once(random) {
        const sets = Buffer.from('\x1c\x02\x19\x00\x04boat\x1c\x02\x19\x00\x03sea', 'latin1');
        const head = Buffer.from('Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x11', 'latin1');
        iptcKeywords(Buffer.from(brokenBytes(random, random() < 0.5 ? sets : Buffer.concat([head, sets]))));
        const { text } = addKeywords(null, { subject: ['boat'], hierarchical: ['Places|Oslo'] });
        keywordsIn(xmpText(Buffer.from(brokenBytes(random, Buffer.from(text)))).text);
      },
    },
    {
      name: 'verbs at the broker',
      async once(random) {
        unwrap(
          (await broker.ask(
            pick(random, [...verbNames, 'x', '__proto__']),
            brokenRequest(random, pick(random, verbNames)),
          )) as never,
        );
      },
    },
    {
      name: 'verbs at the library',
      async once(random) {
        const verb = pick(random, asked);
        const request = random() < 0.5 ? validRequest(random, verb) : brokenRequest(random, verb);
        await ask[verb]?.(request, context);
      },
    },
    {
      name: 'wire',
      once(random) {
        const text = new TextEncoder().encode(
          '{"id":1,"verb":"photos.page","request":{"a":{"$bytes":"AAAA","$type":"Uint8Array"}}}',
        );
        try {
          decode(new TextDecoder().decode(brokenBytes(random, text)));
        } catch (error) {
          // What its docstring names; the socket answers each with `bad-message`.
          if (!(error instanceof SyntaxError || error instanceof RangeError || error instanceof DOMException))
            throw error;
        }
      },
    },
  ];
  return { targets, close: () => library.close() };
}
