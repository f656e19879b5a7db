import { Canvas } from '../canvas.ts';

/** A pizza on a wooden board, from above. */
export function pizza(): Canvas {
  const c = new Canvas(1000, 1000, 81);
  c.rect(0, 0, 1000, 1000, c.linear(['#6b4a2f', '#4e3420', '#5d3f28'], 8));
  for (let i = 0; i < 90; i++)
    c.line(
      `M-10,${c.between(0, 1000)}q500,${c.between(-26, 26)} 1020,${c.between(-12, 12)}`,
      '#2c1b0f',
      c.between(1, 4),
      { opacity: 0.28 },
    );
  c.ellipse(520, 540, 430, 420, '#140b05', { opacity: 0.55 }, 26);
  c.ellipse(500, 500, 426, 420, c.radial(['#e9bd78', '#d59d52', '#9c612a'], 0.45, 0.4, 0.62));
  for (let i = 0; i < 46; i++) {
    const turn = c.between(0, 2 * Math.PI);
    const [x, y] = [500 + Math.cos(turn) * 396, 500 + Math.sin(turn) * 390];
    c.ellipse(
      x,
      y,
      c.between(12, 34),
      c.between(8, 20),
      c.random() < 0.4 ? '#5d3213' : '#f1cf95',
      { opacity: 0.5 },
      7,
    );
  }
  c.ellipse(500, 500, 366, 360, c.radial(['#d9562a', '#c23f1c', '#8f2810'], 0.5, 0.45, 0.6));
  for (let i = 0; i < 120; i++) {
    const [turn, out] = [c.between(0, 2 * Math.PI), Math.sqrt(c.random()) * 328];
    const light = c.random() < 0.72 ? '#f6e2a4' : '#eec469';
    c.ellipse(
      500 + Math.cos(turn) * out,
      500 + Math.sin(turn) * out,
      c.between(18, 52),
      c.between(14, 40),
      light,
      { opacity: 0.78 },
      4,
    );
  }
  const slices: [number, number][] = [[370, 330], [620, 300], [720, 480], [640, 690], [430, 720], [270, 560], [500, 510], [480, 230], [250, 410], [770, 620]]; // prettier-ignore
  for (const [x, y] of slices) {
    c.ellipse(x + 6, y + 8, 62, 60, '#551708', { opacity: 0.5 }, 8)
      .ellipse(x, y, 60, 58, c.radial(['#d4472c', '#b32d19', '#86190d']))
      .ellipse(x - 16, y - 18, 22, 16, '#ee8a68', { opacity: 0.55 }, 6);
    for (let i = 0; i < 9; i++)
      c.ellipse(x + c.between(-40, 40), y + c.between(-38, 38), c.between(3, 8), c.between(3, 7), '#f0b09a', { opacity: 0.6 }); // prettier-ignore
  }
  const leaves: [number, number, number][] = [[540, 390, 20], [380, 460, 130], [600, 590, 75], [350, 640, -30], [700, 390, 160]]; // prettier-ignore
  for (const [x, y, turn] of leaves)
    c.group(`translate(${x} ${y}) rotate(${turn})`, () =>
      c
        .path('M-62,0 Q-20,-40 62,0 Q-20,40 -62,0 Z', c.linear(['#5f9a3a', '#2f6a23', '#1f4c18']))
        .line('M-56,0 L52,0', '#a8cf80', 3, { opacity: 0.7 }),
    );
  for (let i = 0; i < 3; i++)
    c.group(`rotate(${i * 60 + 14} 500 500)`, () =>
      c.line('M500,92 L500,908', '#6d2310', 5, { opacity: 0.5 }),
    );
  return c.grain(0.05);
}

/** A white teapot with a blue band on a table. */
export function teapot(): Canvas {
  const c = new Canvas(1100, 850, 82);
  c.rect(0, 0, 1100, 620, c.linear(['#c9c0b0', '#b5a994', '#9d8e77']));
  c.rect(0, 600, 1100, 250, c.linear(['#8c5f3b', '#6b442a', '#4f301c']));
  for (let i = 0; i < 40; i++)
    c.line(`M-10,${c.between(612, 850)}q550,${c.between(-8, 8)} 1120,0`, '#3a2213', c.between(1, 3), {
      opacity: 0.3,
    });
  c.ellipse(560, 700, 330, 42, '#1d1109', { opacity: 0.6 }, 18);
  const glaze = (): string => c.radial(['#ffffff', '#eef0ee', '#c8ccca', '#8e9491'], 0.36, 0.26, 0.82);
  c.line('M770,420 Q960,360 940,520 Q920,630 760,612', '#a9afac', 46)
    .line('M768,416 Q946,366 930,516 Q910,614 762,602', '#eef0ee', 34)
    .line('M790,412 Q926,384 916,500', '#ffffff', 8, { opacity: 0.8 });
  c.path(
    'M330,470 Q250,470 214,380 Q196,330 148,312 L170,276 Q250,292 282,360 Q306,408 350,420 Z',
    glaze(),
  ).path('M148,312 L170,276 Q186,280 196,288 Q178,308 172,322 Z', '#6f7572');
  c.path('M310,500 Q310,330 560,322 Q810,330 810,500 Q806,660 700,704 L420,704 Q314,660 310,500 Z', glaze());
  c.path(
    'M314,540 Q430,586 560,586 Q690,586 806,540 Q802,578 786,606 Q690,646 560,646 Q430,646 334,606 Q318,578 314,540 Z',
    c.linear(['#2e5f9e', '#4d86c6', '#234a80'], 0),
  );
  for (let i = 0; i < 9; i++) {
    const x = 366 + i * 48;
    c.ellipse(x, 606 - Math.abs(i - 4) * -1.5 + 2, 12, 12, '#eaf1f8', { opacity: 0.9 });
  }
  c.ellipse(560, 332, 156, 34, c.linear(['#dfe3e0', '#aab0ad']))
    .path('M412,330 Q430,258 560,252 Q690,258 708,330 Q640,352 560,352 Q480,352 412,330 Z', glaze())
    .ellipse(560, 236, 34, 30, c.radial(['#5f93cf', '#2e5f9e', '#1c3c68']))
    .ellipse(550, 226, 9, 7, '#ffffff', { opacity: 0.8 });
  c.ellipse(430, 430, 34, 76, '#ffffff', { opacity: 0.75, transform: 'rotate(16 430 430)' }, 10);
  for (const [x, bend] of [
    [150, 30],
    [176, -26],
  ] as const)
    c.line(`M${x},258 q${bend},-50 0,-96 q${-bend},-46 0,-90`, '#ffffff', 12, { opacity: 0.35 }, 9);
  return c.grain(0.05);
}
