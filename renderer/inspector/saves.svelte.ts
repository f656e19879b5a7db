/** Files of what the inspector shows, under the photo's name. */
import { inspectionMetadata, inspectionTensors } from '../../main/contract/inspection-file.ts';
import { encodeNpy } from '../../models/overlay/npy.ts';
import { encodeSafetensors } from '../../models/weights/encode-safetensors.ts';
import type { Application } from '../state/application.svelte.ts';
import { saveFile } from '../state/files.ts';
import { headsSheet } from './heads-sheet.ts';
import { overlayPng } from './save-overlay.ts';

/** `ending`: what follows the photo's name. */
function save({ inspector, notices }: Application, ending: string, part: BlobPart): void {
  const name = `${inspector.photo?.name.replace(/\.[^.]*$/, '') ?? 'photo'}.${ending}`;
  const type = ending.endsWith('.png') ? 'image/png' : 'application/octet-stream';
  saveFile(name, [part], type);
  notices.tell(({ words }) => words.savedAs(name));
}

async function savePicture(app: Application, ending: string, picture: Promise<Blob>): Promise<void> {
  try {
    save(app, ending, await picture);
  } catch (error) {
    app.notices.fail({ code: 'png-failed', message: (error as Error).message });
  }
}

/** The photo with its map, at the photo's own size. */
export async function saveOverlay(app: Application): Promise<void> {
  const { overlay, photo, inspection, size } = app.inspector;
  const { map, range, drawing, colours } = overlay;
  if (!photo || !map || !range?.ok || !inspection || !size) return;
  const { values, rows, columns } = map;
  const { opacity, interpolation, contour } = drawing;
  const painted = { values, rows, columns, range: range.value, colours, opacity, interpolation, contour };
  const { id, version } = photo;
  await savePicture(app, `${map.method}.png`, overlayPng({ id, version, ...size }, inspection.seen, painted));
}

/** Every head of every layer. */
export async function saveHeads(app: Application, nameOf: Parameters<typeof headsSheet>[2]): Promise<void> {
  const { inspection, overlay } = app.inspector;
  if (inspection) await savePicture(app, 'heads.png', headsSheet(inspection, overlay.drawing, nameOf));
}

/** The numbers of the map shown, float32 [rows, columns], in NumPy's format. */
export function saveValues(app: Application): void {
  const { photo, overlay } = app.inspector;
  const { map } = overlay;
  if (photo && map) save(app, `${map.method}.npy`, encodeNpy(map.values, [map.rows, map.columns]));
}

/** Everything the inspection has, as the command line writes it. */
export function saveNumbers(app: Application): void {
  const { photo, inspection, stale } = app.inspector;
  if (!photo || !inspection || stale) return;
  const preparation = app.models.detail(inspection.model)?.preprocessing;
  const metadata = inspectionMetadata(inspection, preparation && $state.snapshot(preparation));
  const bytes = encodeSafetensors(inspectionTensors(inspection), metadata);
  save(app, 'safetensors', bytes as Uint8Array<ArrayBuffer>);
}
