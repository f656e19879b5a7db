import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { DatasetFormat } from '../../../../main/contract/exports.ts';
import type { LibraryVerbs } from '../../../../main/contract/internal.ts';
import type { RequestOf } from '../../../../main/rpc/calls.ts';
import { makePlace, openLibrary, writePhotos, type Asked, type Place } from '../setup.ts';

type Target = RequestOf<LibraryVerbs, 'exports.write'>['target'];

const everything = { filter: {}, except: [] };
/** In the order of their paths. */
const names = ['a/one.jpg', 'a.jpg', 'b/one.jpg', 'b "quoted" &<%>.jpg', 'test.jpg', '海 滩.jpg'];

async function filled(t: test.TestContext): Promise<{ place: Place; library: Asked }> {
  const place = makePlace(t);
  writePhotos(
    place,
    Object.fromEntries(names.map((name, i) => [name, `${i} number ${i}${i === 4 ? ' unsure' : ''}`])),
  );
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  return { place, library };
}

async function idOf(library: Asked, name: string, place: Place): Promise<number> {
  const items = await library.items({}, 'path');
  return items.find(({ path }) => path === join(place.photos, name))!.id;
}

async function give(library: Asked, place: Place, labels: Record<string, string[]>): Promise<void> {
  for (const [name, given] of Object.entries(labels))
    await library.call('review.act', {
      selection: { ids: [await idOf(library, name, place)] },
      act: { kind: 'label', labels: given },
    });
}

async function wordsOf(library: Asked): Promise<Record<string, string[]>> {
  const items = await library.items({}, 'path');
  const details = await Promise.all(items.map(({ id }) => library.call('photos.get', { photoId: id })));
  return Object.fromEntries(
    details
      .filter(({ person }) => person.labels.length)
      .map(({ path, person }) => [path, [...person.labels].sort()]),
  );
}

const given = { 'a.jpg': ['harbour', '=1+1, "quoted" <b>'], 'a/one.jpg': ['boat'], '海 滩.jpg': ['海滩'] };

const files: Record<DatasetFormat, string> = {
  fiftyone: '',
  coco: '',
  'label-studio': 'tasks.json',
  imagefolder: 'train/metadata.jsonl',
};

for (const format of ['fiftyone', 'coco', 'label-studio', 'imagefolder'] as const)
  test(`what ${format} was given comes back as it was`, async (t) => {
    const { place, library } = await filled(t);
    await give(library, place, given);
    const before = await wordsOf(library);
    assert.equal(Object.keys(before).length, 3);
    const path = join(place.folder, `for ${format}.json`);
    const written = await library.call('exports.write', {
      selection: everything,
      path,
      target: { format, labels: 'person' },
    });
    assert.equal(written.photos, names.length);
    await library.call('review.act', { selection: everything, act: { kind: 'clear' } });
    assert.deepEqual(await wordsOf(library), {});
    const request = { path: join(path, files[format]), format };
    const tried = await library.call('labels.import', { ...request, dryRun: true });
    assert.equal(tried.act, null);
    assert.equal(tried.changed, 3);
    assert.deepEqual(tried.newLabels, ['=1+1, "quoted" <b>', 'boat', 'harbour', '海滩']);
    assert.deepEqual(await wordsOf(library), {});
    const imported = await library.call('labels.import', request);
    assert.deepEqual(imported.unmatched, []);
    assert.equal(imported.act!.kind, 'import');
    assert.deepEqual(await wordsOf(library), before);
    await library.call('review.undo', {});
    assert.deepEqual(await wordsOf(library), {});
  });

async function written(library: Asked, place: Place, target: Target): Promise<unknown> {
  const path = join(place.folder, 'written.json');
  await library.call('exports.write', { selection: everything, path, target });
  return JSON.parse(readFileSync(path, 'utf8'));
}

test('FiftyOne gets classes by number with confidence and source, and null for what has no label', async (t) => {
  const { place, library } = await filled(t);
  await give(library, place, { 'a/one.jpg': ['boat'] });
  const { classes, labels } = (await written(library, place, { format: 'fiftyone' })) as {
    classes: string[];
    labels: Record<string, { label: number; confidence: number | null; attributes: object } | null>;
  };
  const boat = labels[join(place.photos, 'a/one.jpg')]!;
  assert.equal(classes[boat.label], 'boat');
  assert.deepEqual([boat.confidence, boat.attributes], [null, { source: 'person' }]);
  const first = labels[join(place.photos, 'a.jpg')]!;
  assert.equal(classes[first.label], 'class 1');
  assert.ok(first.confidence! > 0.4);
  assert.equal(labels[join(place.photos, 'test.jpg')], null, 'unsure');
  await give(library, place, { 'a.jpg': ['one', 'two'] });
  const lists = (await written(library, place, { format: 'fiftyone' })) as typeof boat & { labels: object };
  assert.ok(Object.values(lists.labels).every((target) => target === null || Array.isArray(target)));
});

test('what a person said it is not, or none of, is exported as no label; nor is what a head calls none of its own', async (t) => {
  const { place, library } = await filled(t);
  const act = async (name: string, act: RequestOf<LibraryVerbs, 'review.act'>['act']) =>
    library.call('review.act', { selection: { ids: [await idOf(library, name, place)] }, act });
  const labelled = async (labels: 'both' | 'model') => {
    const { labels: found } = (await written(library, place, { format: 'fiftyone', labels })) as {
      labels: Record<string, object | null>;
    };
    return names.filter((name) => found[join(place.photos, name)]);
  };
  await act('a.jpg', { kind: 'none' });
  await act('b/one.jpg', { kind: 'reject' });
  assert.deepEqual(await labelled('both'), ['a/one.jpg', 'b "quoted" &<%>.jpg', '海 滩.jpg']);
  assert.deepEqual(await labelled('model'), names.filter((name) => name !== 'test.jpg')); // prettier-ignore

  await library.call('review.act', { selection: everything, act: { kind: 'clear' } });
  await act('a.jpg', { kind: 'none' });
  await act('a/one.jpg', { kind: 'label', labels: ['boat'] });
  await library.call('heads.teach', { name: 'boats', source: { from: 'person' }, use: true });
  assert.equal((await library.teachingEnds()).state, 'finished');
  while ((await library.items({}, 'path')).some(({ top }) => top?.label.name.startsWith('class')))
    await sleep(5);
  const called = (await library.items({}, 'path')).map(({ top }) => top!.label.name);
  assert.ok(called.includes('none of these') && called.includes('boat'));
  assert.deepEqual(await labelled('model'), names.filter((_, i) => called[i] === 'boat')); // prettier-ignore
});

test('of labels that don’t exclude each other each that holds is in a data set', async (t) => {
  const { place, library } = await filled(t);
  const beside = new Database(join(place.home, 'catalog.sqlite'));
  beside.exec("UPDATE models SET answers = 'any'");
  beside.close();
  const { model } = await library.call('settings.get', {});
  await library.call('models.setDoubt', { modelId: model, threshold: 0.2 });
  const tile = async () => (await library.items({}, 'path')).find(({ name }) => name === 'a.jpg')!;
  while ((await tile()).also.length === 0) await sleep(5);
  const { top, also } = await tile();
  const held = [top!, ...also].map(({ label, probability }) => [label.name, probability]);
  assert.ok(held.length > 1 && also.every(({ probability }) => probability >= 0.2));

  const coco = (await written(library, place, { format: 'coco' })) as {
    images: { id: number; file_name: string }[];
    annotations: { image_id: number; category_id: number; score: number }[];
    categories: { id: number; name: string }[];
  };
  const image = coco.images.find(({ file_name }) => file_name === 'photos/a.jpg')!;
  assert.deepEqual(
    coco.annotations
      .filter(({ image_id }) => image_id === image.id)
      .map(({ category_id, score }) => [coco.categories.find(({ id }) => id === category_id)!.name, score]),
    held,
  );
  const path = join(place.folder, 'studio');
  await library.call('exports.write', { selection: everything, path, target: { format: 'label-studio' } });
  const tasks = JSON.parse(readFileSync(join(path, 'tasks.json'), 'utf8')) as {
    data: { image: string };
    predictions?: { score: number; result: { value: { choices: string[] } }[] }[];
  }[];
  const [prediction] = tasks.find(({ data }) => data.image.endsWith('=a.jpg'))!.predictions!;
  assert.deepEqual(prediction!.result[0]!.value.choices, held.map(([name]) => name)); // prettier-ignore
  assert.equal(prediction!.score, held.at(-1)![1]);
});

test('COCO gets sizes, categories and annotations that point to each other', async (t) => {
  const { place, library } = await filled(t);
  await give(library, place, { 'a.jpg': ['boat', 'sea'] });
  const coco = (await written(library, place, { format: 'coco' })) as {
    images: { id: number; file_name: string; width: number }[];
    annotations: { id: number; image_id: number; category_id: number; score?: number }[];
    categories: { id: number; name: string }[];
  };
  assert.deepEqual(
    coco.images.map(({ file_name }) => file_name),
    names.map((name) => `photos/${name}`),
  );
  assert.ok(coco.images.every(({ width }) => width === 40));
  const of = coco.annotations.filter(({ image_id }) => image_id === coco.images[1]!.id);
  assert.deepEqual(
    of.map(({ category_id }) => coco.categories.find(({ id }) => id === category_id)!.name),
    ['boat', 'sea'],
  );
  assert.ok(of.every(({ score }) => score === undefined));
  assert.equal(new Set(coco.annotations.map(({ id }) => id)).size, coco.annotations.length);
});

test('Label Studio gets annotations, predictions and an interface with all labels', async (t) => {
  const { place, library } = await filled(t);
  await give(library, place, given);
  const path = join(place.folder, 'tasks');
  const { notes } = await library.call('exports.write', {
    selection: everything,
    path,
    target: { format: 'label-studio' },
  });
  assert.match(notes.join(), new RegExp(`DOCUMENT_ROOT=${place.photos}\\.`));
  const tasks = JSON.parse(readFileSync(join(path, 'tasks.json'), 'utf8')) as {
    data: { image: string };
    annotations?: { result: object[] }[];
    predictions?: { score: number; model_version: string }[];
  }[];
  assert.equal(tasks[3]!.data.image, `/data/local-files/?d=${encodeURIComponent(names[3]!)}`);
  assert.equal(tasks[0]!.data.image, '/data/local-files/?d=a/one.jpg');
  assert.deepEqual(tasks[0]!.annotations![0]!.result, [
    { from_name: 'label', to_name: 'image', type: 'choices', value: { choices: ['boat'] } },
  ]);
  assert.equal(tasks[0]!.predictions![0]!.model_version, 'starter');
  const xml = readFileSync(join(path, 'labelling.xml'), 'utf8');
  assert.match(xml, /value="=1\+1, &#34;quoted&#34; &#60;b&#62;"/);
  await assert.rejects(
    library.call('exports.write', {
      selection: everything,
      path: join(place.folder, 'elsewhere'),
      target: { format: 'label-studio', root: join(place.photos, 'a') },
    }),
    { code: 'cannot-write', message: /lies elsewhere/ },
  );
});

test('an imagefolder has every photo under a name of its own, by copy or link, and tells what is missing', async (t) => {
  const { place, library } = await filled(t);
  await give(library, place, given);
  rmSync(join(place.photos, 'test.jpg'));
  for (const how of ['copy', 'hardlink', 'symlink'] as const) {
    const path = join(place.folder, how);
    const { photos, notes } = await library.call('exports.write', {
      selection: everything,
      path,
      target: { format: 'imagefolder', place: how },
    });
    assert.equal(photos, 5);
    assert.match(notes.join(), /test\.jpg/);
    const train = join(path, 'train');
    assert.deepEqual(
      readdirSync(train).sort(),
      ['a.jpg', 'b _quoted_ &_%_.jpg', 'metadata.jsonl', 'one-2.jpg', 'one.jpg', '海 滩.jpg'].sort(),
    );
    assert.equal(
      statSync(join(place.photos, 'a.jpg')).nlink,
      how === 'hardlink' ? 2 : 1 + Number(existsSync(join(place.folder, 'hardlink', 'train', 'a.jpg'))),
    );
    const lines = readFileSync(join(train, 'metadata.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { file_name: string; labels: string[]; original: string });
    for (const { file_name: name, original } of lines)
      assert.equal(readFileSync(join(train, name), 'utf8'), readFileSync(original, 'utf8'));
    assert.deepEqual(lines.find(({ file_name: name }) => name === 'one.jpg')!.labels, ['boat']);
  }
  await assert.rejects(
    library.call('exports.write', {
      selection: everything,
      path: join(place.folder, 'copy'),
      target: { format: 'imagefolder' },
    }),
    { code: 'cannot-write', message: /not empty/ },
  );
});

test('pictures are found by the end of their path, and told where they are not, or are several', async (t) => {
  const { place, library } = await filled(t);
  const file = join(place.folder, 'labels.json');
  writeFileSync(
    file,
    JSON.stringify({
      labels: {
        '/another/machine/photos/a/one.jpg': 'moved',
        '海 滩': 'by its name without ending',
        'one.jpg': 'which of the two',
        '/elsewhere/other/a.jpg': 'in a folder of another name',
        'nowhere.jpg': 'gone',
        'test.jpg': null,
      },
    }),
  );
  const imported = await library.call('labels.import', { path: file, format: 'fiftyone' });
  assert.deepEqual(await wordsOf(library), {
    [join(place.photos, 'a/one.jpg')]: ['moved'],
    [join(place.photos, '海 滩.jpg')]: ['by its name without ending'],
  });
  assert.deepEqual(Object.fromEntries(imported.unmatched.map(({ file: name, reason }) => [name, reason])), {
    'one.jpg': '2 photos of the library are called so',
    '/elsewhere/other/a.jpg': 'no photo of the library is called so',
    'nowhere.jpg': 'no photo of the library is called so',
  });
});

test('what a person said stays, in its spelling, beside what is imported', async (t) => {
  const { place, library } = await filled(t);
  await give(library, place, { 'a.jpg': ['Harbour'] });
  await library.call('review.act', {
    selection: { ids: [await idOf(library, 'a.jpg', place)] },
    act: { kind: 'reject', label: 'boat' },
  });
  const file = join(place.folder, 'labels.json');
  writeFileSync(file, JSON.stringify({ labels: { [join(place.photos, 'a.jpg')]: ['harbour', 'boat'] } }));
  await library.call('labels.import', { path: file, format: 'fiftyone' });
  const { person } = await library.call('photos.get', { photoId: await idOf(library, 'a.jpg', place) });
  assert.deepEqual([person.labels.toSorted(), person.rejected], [['Harbour', 'boat'], []]);
  const again = await library.call('labels.import', { path: file, format: 'fiftyone' });
  assert.equal(again.changed, 0);
});

test("Label Studio's own exports are read: uploads, skipped annotations, other controls", async (t) => {
  const { place, library } = await filled(t);
  const file = join(place.folder, 'export.json');
  const choice = (choices: string[]) => ({
    from_name: 'c',
    to_name: 'i',
    type: 'choices',
    value: { choices },
  });
  writeFileSync(
    file,
    JSON.stringify([
      {
        id: 1,
        data: { image: '/data/upload/3/0a1b2c3d-a.jpg' },
        annotations: [
          { result: [choice(['old'])] },
          {
            result: [
              { type: 'rectanglelabels', value: { rectanglelabels: ['box'] } },
              choice(['boat', 'sea']),
            ],
          },
          { was_cancelled: true, result: [choice(['skipped'])] },
        ],
      },
      {
        id: 2,
        data: { image: 'http://host:8080/data/local-files/?d=b/one.jpg' },
        annotations: [{ result: [choice(['ship'])] }],
      },
      { id: 3, data: { image: '/data/local-files/?d=test.jpg' }, annotations: [] },
    ]),
  );
  await library.call('labels.import', { path: file, format: 'label-studio' });
  assert.deepEqual(await wordsOf(library), {
    [join(place.photos, 'a.jpg')]: ['boat', 'sea'],
    [join(place.photos, 'b/one.jpg')]: ['ship'],
  });
});

test('files of other kinds are refused with a sentence', async (t) => {
  const { place, library } = await filled(t);
  const file = join(place.folder, 'rubbish.json');
  const refused = async (format: DatasetFormat, text: string | Buffer, message: RegExp) => {
    writeFileSync(file, text);
    await assert.rejects(library.call('labels.import', { path: file, format }), {
      code: 'bad-dataset',
      message,
    });
  };
  await refused('fiftyone', '{"labels": [1]}', /"labels" by picture/);
  await refused('fiftyone', '{"classes": ["a"], "labels": {"x": 7}}', /by its number; found 7/);
  await refused('coco', '{"images": []}', /"annotations" and "categories"/);
  await refused(
    'coco',
    '{"images": [], "annotations": [{"image_id": 1, "category_id": 2}], "categories": []}',
    /found image 1 and category 2/,
  );
  await refused(
    'coco',
    '{"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 1, "file_name": "test.jpg"}], "annotations": [{"image_id": 1, "category_id": 2}], "categories": [{"id": 2, "name": "boat"}]}',
    /images with numbers of their own; found 1 for "a\.jpg" and for "test\.jpg"/,
  );
  await refused(
    'coco',
    '{"images": [], "annotations": [], "categories": [{"id": 2, "name": "boat"}, {"id": 2, "name": "ship"}]}',
    /categories with numbers of their own/,
  );
  await refused('label-studio', '{}', /a list of tasks/);
  await refused('label-studio', '[{"annotations": []}]', /address of a picture/);
  await refused('imagefolder', '{"file_name": "a.jpg", "label": 3}', /does not name/);
  await refused('imagefolder', 'not json', /line 1 of rubbish\.json to be JSON/);
  await refused('coco', '', /to be JSON/);
  const coco = (image: string) => `{"images": [{"id": "1", "file_name": "a.jpg"}], "annotations": [{"image_id": ${image}, "category_id": 2}], "categories": [{"id": 2, "name": "boat"}]}`; // prettier-ignore
  await refused('coco', coco('1'), /found image 1 and category 2/);
  await refused('coco', coco('{}'), /found image {} and category 2/);
  // Pictures alone would be told as a success.
  await refused('imagefolder', '{"file_name": "a.jpg", "text": "boat"}', /under "label" or "labels"; found 1 pictures without any/); // prettier-ignore
  await refused('imagefolder', '[]', /"file_name" in line 1.*found no object/);
  const boxes = [{ data: { image: 'a.jpg' }, annotations: [{ result: [{ type: 'rectanglelabels', value: { rectanglelabels: ['boat'] } }] }] }]; // prettier-ignore
  await refused('label-studio', JSON.stringify(boxes), /"choices" of annotations/);
  await refused('fiftyone', '{"classes": ["a"], "labels": {"a.jpg": null}}', /a class for each picture/);
  const gbk = Buffer.concat([Buffer.from('{"file_name": "a.jpg", "label": "'), Buffer.from([0xb9, 0xb7]), Buffer.from('"}')]); // prettier-ignore
  await refused('imagefolder', Buffer.from('PAR1\x15\xff\xfe', 'latin1'), /found Parquet.* as metadata\.csv/);
  await refused('imagefolder', gbk, /to be text in UTF-8 or UTF-16/);
  await assert.rejects(
    library.call('labels.import', { path: join(place.folder, 'none.json'), format: 'coco' }),
    {
      code: 'missing-file',
    },
  );
  mkdirSync(join(place.folder, 'folder'));
  await assert.rejects(
    library.call('labels.import', { path: join(place.folder, 'folder'), format: 'coco' }),
    {
      code: 'unreadable',
    },
  );
});

test('paths are found in whatever form they are written, and a label too long for one is told', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'é/café.jpg': '1 composed', 'a.jpg': '2 plain', 'b/c d.jpg': '3 spaced' });
  const library = await openLibrary(place);
  await library.scan();
  const file = join(place.photos, 'labels.json');
  const images = [
    'é/café.jpg'.normalize('NFD'),
    './b/../a.jpg',
    new URL(`file://${place.photos}/b/c d.jpg`).href,
  ].map((file_name, id) => ({ id, file_name }));
  const annotations = images.flatMap(({ id }) => [
    { image_id: id, category_id: 1 },
    { image_id: id, category_id: 1 },
    { image_id: id, category_id: id === 1 ? 3 : 2 },
  ]);
  const long = 'x'.repeat(300);
  const categories = ['boat', 'ship', long].map((name, i) => ({ id: i + 1, name }));
  const text = JSON.stringify({ images, annotations, categories }, null, 2);
  writeFileSync(file, `\ufeff${text.replaceAll('\n', '\r\n')}`);
  const imported = await library.call('labels.import', { path: file, format: 'coco' });
  assert.deepEqual(await wordsOf(library), {
    [join(place.photos, 'é/café.jpg')]: ['boat', 'ship'],
    [join(place.photos, 'b/c d.jpg')]: ['boat', 'ship'],
  });
  assert.deepEqual(imported.unmatched, [
    { file: './b/../a.jpg', reason: 'a label is longer than 200 characters' },
  ]);
});

test('an imagefolder is read from metadata.csv too, and where it came from first', async (t) => {
  const { place, library } = await filled(t);
  const file = join(place.photos, 'metadata.csv');
  const read = async (text: string) => {
    writeFileSync(file, text);
    return library.call('labels.import', { path: file, format: 'imagefolder' });
  };
  const rows = [
    'file_name,label,original',
    'a.jpg,"boat, red",',
    'b/one.jpg,ship,/gone/elsewhere.jpg',
    'test.jpg,,',
    'gone.jpg,sea,',
    'a.jpg,"boat, red",',
  ];
  const imported = await read(`\ufeff${rows.join('\r\n')}\r\n`);
  assert.deepEqual(await wordsOf(library), {
    [join(place.photos, 'a.jpg')]: ['boat, red'],
    [join(place.photos, 'b/one.jpg')]: ['ship'],
  });
  assert.deepEqual(imported.unmatched, [
    { file: 'gone.jpg', reason: 'no photo of the library is called so' },
  ]);
  const missing = ['nan', 'NaN', 'None', 'NA', 'N/A', 'null', '<NA>'];
  const withMissing = await read(
    `file_name,label\na.jpg,sea\n${missing.map((word) => `test.jpg,${word}\n`).join('')}`,
  );
  assert.deepEqual(
    [imported.unlabelled, withMissing.unlabelled, withMissing.newLabels],
    [1, missing.length, ['sea']],
  );
  for (const cells of [',tree', 'tree,'])
    assert.equal((await read(`file_name, label, labels, original\ntest.jpg,${cells},\n`)).matched, 1, cells);
  await assert.rejects(read('file_name;label\na.jpg;boat\n'), { message: /commas.*found "file_name;label"/ });
  await assert.rejects(read('file_name,label\na.jpg,boat\nb/one.jpg,3\n'), { message: /line 3 has "3"/ });
  for (const label of ['-1', '2.0'])
    await assert.rejects(read(`file_name,label\na.jpg,boat\nb/one.jpg,${label}\n`), { message: /line 3 has "/ }); // prettier-ignore
  await read('file_name,label\na.jpg,"[""cat"", ""dog""]"\n');
  assert.deepEqual((await wordsOf(library))[join(place.photos, 'a.jpg')], ['boat, red', 'cat', 'dog', 'sea']);
  await assert.rejects(read('file_name,label,label\na.jpg,boat,ship\n'), { message: /one column "label"; found two/ }); // prettier-ignore
  await assert.rejects(read('name,label\na.jpg,boat\n'), { message: /"file_name" in line 2/ });
  await assert.rejects(read('file_name,label\na.jpg,"boat\n'), { code: 'bad-dataset', message: /to be CSV/ }); // prettier-ignore
  await assert.rejects(read(''), { code: 'bad-dataset' });
  // A name of the model's label in another language is none that was not known.
  assert.deepEqual((await read('file_name,label\ntest.jpg,猫咪\na.jpg,a zebra\n')).newLabels, ['a zebra']);
});

test('labels of a task of several pictures go to the one that they name, and are told where they name none', async (t) => {
  const { place, library } = await filled(t);
  const file = join(place.folder, 'export.json');
  const choice = (label: string, to?: string) => ({ type: 'choices', to_name: to, value: { choices: [label] } }); // prettier-ignore
  const task = (data: object, ...result: object[]) => ({ data, annotations: [{ result }] });
  const two = { left: '/data/upload/1/a.jpg', right: 'b/one.jpg' };
  writeFileSync(file, JSON.stringify([
    task(two, choice('boat', 'left'), choice('ship', 'right')),
    task({ left: 'test.jpg', right: 'b/c d.jpg' }, choice('sea', 'img-1')),
    task({ image: 'a.jpg', thumbnail: 'small.jpg' }, choice('red', 'img')),
    task({ name: 'a.jpg', url: '/data/upload/1/a.jpg' }, choice('sail')),
    task({ pages: ['x.jpg', 'y.jpg'] }, choice('tree', 'pages')),
  ])); // prettier-ignore
  const imported = await library.call('labels.import', { path: file, format: 'label-studio' });
  assert.deepEqual(await wordsOf(library), {
    [join(place.photos, 'a.jpg')]: ['boat', 'red', 'sail'],
    [join(place.photos, 'b/one.jpg')]: ['ship'],
  });
  const reason = 'its task has 2 pictures, and the labels do not tell of which they are';
  const told = ['test.jpg', 'b/c d.jpg', 'x.jpg', 'y.jpg'];
  assert.deepEqual(imported.unmatched, told.map((name) => ({ file: name, reason }))); // prettier-ignore
});

test('a task’s picture is told from its other texts', async (t) => {
  const { place, library } = await filled(t);
  const file = join(place.folder, 'export.json');
  const result = [{ type: 'choices', value: { choices: ['boat'] } }];
  writeFileSync(file, JSON.stringify([{ data: { title: 'A boat', photo: 's3://bucket/b/one.jpg' }, annotations: [{ result }] }])); // prettier-ignore
  await library.call('labels.import', { path: file, format: 'label-studio' });
  assert.deepEqual(await wordsOf(library), { [join(place.photos, 'b/one.jpg')]: ['boat'] });
});
