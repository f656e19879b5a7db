import { Canvas } from '../canvas.ts';

/** A red mushroom with white spots on the floor of a wood. */
export function mushroom(): Canvas {
  const c = new Canvas(900, 1000, 83);
  c.rect(0, 0, 900, 1000, c.linear(['#3c4a30', '#58683f', '#333c22']));
  for (let i = 0; i < 46; i++)
    c.ellipse(
      c.random() * 900,
      c.random() * 620,
      c.between(26, 96),
      c.between(26, 96),
      c.random() < 0.5 ? '#87985a' : '#26301b',
      { opacity: 0.35 },
      26,
    );
  c.path(
    'M-20,760 Q220,700 460,742 T920,716 L920,1010 L-20,1010 Z',
    c.linear(['#5a4a2d', '#3b2f1c', '#221a0f']),
  );
  c.strokes(450, 860, 520, 130, '#6c552f', 700, 8, 24);
  c.ellipse(456, 852, 210, 34, '#0e0a05', { opacity: 0.6 }, 16);
  c.path(
    'M392,470 Q398,660 366,840 Q400,872 458,872 Q520,872 548,838 Q512,660 520,470 Z',
    c.linear(['#fdf8e8', '#efe5cb', '#b9aa86'], 0),
  ).strokes(452, 670, 60, 190, '#e6dabb', 240, 92, 30);
  c.path('M376,556 Q456,600 536,552 Q556,596 530,616 Q500,596 478,622 Q452,598 428,624 Q404,598 378,616 Q356,592 376,556 Z', c.linear(['#fffaf0', '#d5c8a4'])); // prettier-ignore
  c.path('M160,470 Q456,560 752,466 Q720,520 456,536 Q196,524 160,470 Z', c.linear(['#e8dcc0', '#a8976f']));
  for (let i = 0; i < 44; i++) {
    const x = 190 + i * 12.2;
    c.line(`M${x},${494 + Math.sin((i / 43) * Math.PI) * 8}L${456 + (x - 456) * 0.3},526`, '#8c7b55', 2, {
      opacity: 0.5,
    });
  }
  c.path(
    'M146,472 Q150,250 456,210 Q762,250 764,468 Q640,520 456,522 Q270,522 146,472 Z',
    c.radial(['#ff6a45', '#dd2c1c', '#a8140d', '#6d0a08'], 0.38, 0.22, 0.86),
  );
  const spots: [number, number, number, number][] = [[330, 300, 40, 28], [470, 262, 34, 22], [596, 318, 42, 28], [232, 396, 34, 28], [424, 392, 46, 34], [558, 430, 34, 25], [690, 412, 30, 27], [326, 468, 28, 16], [648, 480, 24, 13]]; // prettier-ignore
  for (const [x, y, rx, ry] of spots)
    c.ellipse(x + 3, y + 6, rx, ry, '#5d0b08', { opacity: 0.5 }, 4).ellipse(
      x,
      y,
      rx,
      ry,
      c.radial(['#ffffff', '#f6ead2', '#cdb894']),
    );
  c.ellipse(320, 270, 90, 34, '#ffffff', { opacity: 0.22, transform: 'rotate(-22 320 270)' }, 16);
  c.grass(800, 1000, 420, '#6f9a3f', 90);
  for (let i = 0; i < 12; i++)
    c.group(`translate(${c.between(20, 880)} ${c.between(830, 960)}) rotate(${c.between(-40, 40)})`, () =>
      c.path('M-44,0 Q-10,-26 44,0 Q-10,26 -44,0 Z', c.random() < 0.5 ? '#a5642a' : '#c48a3b', {
        opacity: 0.9,
      }),
    );
  return c.grain(0.05);
}

/** An open red umbrella in the rain. */
export function umbrella(): Canvas {
  const c = new Canvas(900, 1000, 84);
  c.rect(0, 0, 900, 1000, c.linear(['#8d9aa6', '#a9b3ba', '#7f8a90'])).mist(
    0,
    0,
    900,
    700,
    '#e6ebee',
    [0.004, 0.01],
    1.8,
  );
  c.rect(0, 800, 900, 200, c.linear(['#5d666c', '#3c4449'])).mist(
    0,
    790,
    900,
    210,
    '#aeb8bd',
    [0.01, 0.05],
    1.2,
  );
  c.ellipse(470, 900, 300, 30, '#23292d', { opacity: 0.5 }, 18);
  c.line('M452,230 L452,820', '#4a3524', 17)
    .line('M447,240 L447,810', '#8a6a4a', 4)
    .line('M452,812 Q452,894 510,894 Q566,894 566,836', '#4a3524', 22)
    .line('M450,816 Q452,886 508,888', '#8a6a4a', 5);
  const panels = [60, 196, 324, 452, 580, 708, 844];
  const lows = [520, 490, 476, 474, 476, 490, 520];
  const reds = ['#8f1a1a', '#b62422', '#d8332c', '#e0402f', '#bf2a24', '#8c1a19'];
  for (let i = 0; i < 6; i++) {
    const [left, right] = [panels[i]!, panels[i + 1]!];
    const [from, to] = [lows[i]!, lows[i + 1]!];
    const [a, b] = [452 + (left - 452) * 0.72, 452 + (right - 452) * 0.72];
    const d = `M452,148 Q${a},190 ${left},${from} Q${(left + right) / 2},${(from + to) / 2 - 46} ${right},${to} Q${b},190 452,148 Z`;
    c.path(d, c.linear([reds[i]!, reds[i]!, '#6d1011'], 70)).line(d, '#5b0d0e', 3, { opacity: 0.6 });
  }
  c.path('M300,220 Q380,170 440,168 Q360,220 318,330 Q280,300 300,220 Z', '#ffb3a2', { opacity: 0.28 }, 14);
  c.line('M452,150 L452,104', '#4a3524', 9).ellipse(452, 102, 7, 10, '#2b1d12');
  for (let i = 0; i < 7; i++) c.ellipse(panels[i]!, lows[i]! + 4, 6, 7, '#d9d4cc');
  for (let i = 0; i < 260; i++) {
    const [x, y] = [c.random() * 900, c.random() * 1000];
    const under = y > 480 && y < 880 && x > 90 && x < 820;
    if (!under)
      c.line(`M${x},${y}l-6,${c.between(22, 50)}`, '#f1f5f7', c.between(1, 2.4), {
        opacity: c.between(0.25, 0.6),
      });
  }
  for (let i = 0; i < 34; i++)
    c.add('ellipse', { cx: c.random() * 900, cy: c.between(850, 990), rx: c.between(8, 24), ry: c.between(2, 6), fill: 'none', stroke: '#c9d2d6', 'stroke-width': 2, opacity: 0.6 }); // prettier-ignore
  return c.grain(0.06);
}

/** A stone bridge of three arches over a river. */
export function bridge(): Canvas {
  const c = new Canvas(1300, 850, 85);
  c.rect(0, 0, 1300, 460, c.linear(['#6f9fd0', '#a9c6df', '#e6e3d2'])).mist(
    0,
    0,
    1300,
    380,
    '#ffffff',
    [0.004, 0.011],
    1.9,
  );
  for (let i = 0; i < 46; i++)
    c.ellipse(c.random() * 1300, c.between(350, 440), c.between(50, 120), c.between(30, 74), c.random() < 0.5 ? '#4f7340' : '#6d9150', { opacity: 0.85 }, 5); // prettier-ignore
  c.strokes(650, 410, 680, 70, '#5b8046', 600, 80, 14);
  c.rect(0, 400, 1300, 180, c.linear(['#5b8046', '#48683a', '#3a5330']));
  c.rect(0, 560, 1300, 290, c.linear(['#7f9ba4', '#4d6d78', '#2f4a55']));
  const stone = (): string => c.linear(['#d6c8ab', '#b5a484', '#87775b']);
  const arch = (x: number, half: number): string =>
    `M${x - half},600 L${x - half},540 Q${x - half},${540 - half * 1.1} ${x},${540 - half * 1.1} Q${x + half},${540 - half * 1.1} ${x + half},540 L${x + half},600 Z`;
  const openings: [number, number][] = [[300, 122], [650, 148], [1000, 122]]; // prettier-ignore
  c.path(
    `M-20,640 L-20,372 Q650,236 1320,372 L1320,640 Z ${openings.map(([x, half]) => arch(x, half).replace('600 L', '660 L').replace(',600 Z', ',660 Z')).join(' ')}`,
    stone(),
    { 'fill-rule': 'evenodd' },
  );
  for (let row = 0; row < 11; row++)
    for (let i = 0; i < 34; i++) {
      const x = i * 40 + (row % 2) * 20 - 10;
      const y = 392 + row * 24 - (1 - ((x - 650) / 670) ** 2) * 64;
      const open = openings.some(([at, half]) => Math.abs(x + 18 - at) < half + 26 && y > 520 - half * 1.12);
      if (!open && y < 610)
        c.rect(x, y, 38, 22, c.random() < 0.5 ? '#c5b593' : '#a08f6e', {
          opacity: c.between(0.25, 0.6),
          rx: 3,
        });
    }
  for (const [x, half] of openings) {
    c.line(`M${x - half - 10},612 L${x - half - 10},540 Q${x - half - 10},${528 - half * 1.1} ${x},${528 - half * 1.1} Q${x + half + 10},${528 - half * 1.1} ${x + half + 10},540 L${x + half + 10},612`, '#94835f', 20, { 'stroke-linecap': 'butt' }); // prettier-ignore
    c.path(`M${x - half},600 L${x - half},540 Q${x - half},${540 - half * 1.1} ${x},${540 - half * 1.1} Q${x - half + 34},${560 - half * 1.05} ${x - half + 30},552 L${x - half + 30},600 Z`, '#4b402e', { opacity: 0.75 }); // prettier-ignore
  }
  c.path('M-20,380 Q650,238 1320,380 L1320,350 Q650,208 -20,350 Z', c.linear(['#e3d7bc', '#a59474']));
  for (let i = 0; i < 27; i++) {
    const x = i * 50;
    const y = 352 - (1 - ((x - 650) / 670) ** 2) * 72;
    c.rect(x, y - 26, 22, 30, c.linear(['#d9ccb0', '#93835f']), { rx: 3 });
  }
  c.path('M-20,326 Q650,184 1320,326 L1320,338 Q650,196 -20,338 Z', '#e9dfc7');
  for (const x of [475, 825]) c.path(`M${x - 40},620 L${x},470 L${x + 40},620 Z`, stone()).rect(x - 40, 600, 80, 40, '#7a6b50'); // prettier-ignore
  for (const [x, half] of openings) c.path(`M${x - half},640 Q${x},${640 + half} ${x + half},640 Z`, '#9fb6bd', { opacity: 0.35 }, 6); // prettier-ignore
  c.mist(0, 630, 1300, 220, '#d9d2bd', [0.008, 0.06], 1.1);
  for (let i = 0; i < 190; i++)
    c.line(`M${c.random() * 1300},${c.between(640, 850)}h${c.between(14, 90)}`, '#dbe7ea', 2, {
      opacity: 0.22,
    });
  c.path('M-20,690 Q90,640 190,712 Q150,790 60,860 L-20,860 Z', c.linear(['#5f8344', '#3d5a2c']));
  c.strokes(60, 760, 120, 90, '#6a9150', 260, 95, 22);
  return c.grain(0.05);
}
