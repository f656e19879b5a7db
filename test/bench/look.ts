/** What a model sees in photos, from image files through Saccade's own decoding, preprocessing and graph. */
import * as ort from 'onnxruntime-node';
import { decodePhoto } from '../../main/decode/decode.ts';
import { pixelsNeeded, preprocess } from '../../main/decode/preprocess.ts';
import type { Features } from '../../models/heads/apply.ts';
import { buildGraph } from '../../models/load.ts';
import type { ModelManifest } from '../../models/manifest.ts';

const perBatch = 50;

/** [photos, F] */
export async function lookAtPhotos(
  folder: string,
  manifest: ModelManifest,
  paths: readonly string[],
): Promise<Features> {
  const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: null });
  const { externalData } = graph;
  const session = await ort.InferenceSession.create(graph.model, { externalData, logSeverityLevel: 3 });
  const { height, width } = manifest.input;
  const numbers = 3 * height * width;
  let features: Features | null = null;
  for (let at = 0; at < paths.length; at += perBatch) {
    const batch = paths.slice(at, at + perBatch);
    const pixels = new Float32Array(batch.length * numbers);
    await Promise.all(
      batch.map(async (path, i) => {
        const photo = await decodePhoto(path, {
          atLeast: (size) => pixelsNeeded(size, manifest.preprocessing),
        });
        await preprocess(photo.pixels, photo, manifest.preprocessing, pixels, i * numbers);
      }),
    );
    const pixelValues = new ort.Tensor('float32', pixels, [batch.length, 3, height, width]);
    const { feature } = await session.run({ pixel_values: pixelValues }, ['feature']);
    const length = feature!.dims[1]!;
    features ??= { data: new Float32Array(paths.length * length), length };
    features.data.set(feature!.data as Float32Array, at * length);
    const seen = at + batch.length;
    if (process.stderr.isTTY) process.stderr.write(`\r${seen} of ${paths.length} photos`);
    else if (seen % 500 < perBatch) console.error(`${seen} of ${paths.length} photos`);
  }
  await session.release();
  return features ?? { data: new Float32Array(), length: 0 };
}
