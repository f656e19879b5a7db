import { Canvas } from '../canvas.ts';

function wheel(c: Canvas, x: number, y: number, radius: number): void {
  c.ellipse(x, y, radius, radius, '#17181b').ellipse(
    x,
    y,
    radius * 0.62,
    radius * 0.62,
    c.radial(['#f0f2f4', '#8d949c', '#4d535a']),
  );
  for (let spoke = 0; spoke < 5; spoke++) {
    const turn = (spoke * 72 * Math.PI) / 180;
    c.line(
      `M${x},${y}L${x + Math.cos(turn) * radius * 0.55},${y + Math.sin(turn) * radius * 0.55}`,
      '#2d3136',
      radius * 0.1,
    );
  }
  c.ellipse(x, y, radius * 0.13, radius * 0.13, '#c9ced3');
}

function trees(c: Canvas, base: number, count: number, colour: string): void {
  for (let i = 0; i < count; i++) {
    const x = c.random() * c.width;
    const size = c.between(40, 95);
    c.ellipse(x, base - size * 0.7, size * 0.75, size, colour, {}, 3);
    c.strokes(x, base - size * 0.7, size * 0.7, size * 0.95, colour, 60, 60, 12);
  }
}

/** A red hatchback on a country road. */
export function redCar(): Canvas {
  const c = new Canvas(1200, 800, 31);
  c.rect(0, 0, 1200, 420, c.linear(['#7fb3dd', '#c6dfee', '#eef3ee'])).mist(
    0,
    0,
    1200,
    300,
    '#ffffff',
    [0.004, 0.011],
    2,
  );
  trees(c, 420, 34, '#4f7a41');
  c.rect(0, 400, 1200, 110, c.linear(['#7d9a4c', '#647f3b'])).grass(405, 505, 900, '#7b9a48', 20);
  c.rect(0, 500, 1200, 300, c.linear(['#7d7f82', '#5c5e61'])).mist(
    0,
    500,
    1200,
    300,
    '#3e4043',
    [0.4, 0.5],
    0.6,
  );
  c.rect(0, 506, 1200, 7, '#ece8da', { opacity: 0.8 });
  for (let i = 0; i < 5; i++)
    c.path(`M${i * 290 - 60},742 h150 l-12,16 h-152 Z`, '#efeadb', { opacity: 0.85 });
  c.ellipse(600, 652, 440, 26, '#1b1c1e', { opacity: 0.65 }, 12);
  c.path(
    'M196,600 Q186,520 218,496 Q300,470 386,462 Q450,372 520,356 Q650,338 770,362 Q850,392 912,470 Q1000,484 1024,530 Q1036,580 1020,628 L960,640 L250,640 Q206,632 196,600 Z',
    c.linear(['#f2584a', '#d8281f', '#a81812', '#6f0d0b']),
  );
  c.path('M412,462 Q466,388 528,376 L610,372 L612,466 Z', c.linear(['#cfe6f3', '#4e6b80', '#22323f'], 50));
  c.path(
    'M630,372 Q720,368 762,382 Q820,408 866,468 L634,466 Z',
    c.linear(['#c1dbe9', '#48657a', '#1f2e3a'], 50),
  );
  c.line('M232,508 Q500,480 1000,500', '#ff9a8c', 5, { opacity: 0.8 }, 1.5).line(
    'M622,470 L626,620 M400,470 L408,610 M868,474 L850,610',
    '#7d100d',
    2.5,
  );
  c.rect(560, 500, 44, 9, '#8c1511', { rx: 4 }).rect(800, 500, 44, 9, '#8c1511', { rx: 4 });
  c.path('M964,504 Q1010,512 1018,540 L970,536 Z', '#fdf6d8').path(
    'M198,520 L236,512 L236,556 L194,560 Z',
    '#8e0f14',
  );
  c.path('M920,608 L1024,604 L1018,632 L930,638 Z', '#2a2a2d').path(
    'M410,470 Q394,452 372,458 L376,476 Z',
    '#b01f18',
  );
  c.ellipse(344, 630, 86, 84, '#1c0a0a').ellipse(884, 630, 86, 84, '#1c0a0a');
  wheel(c, 344, 636, 72);
  wheel(c, 884, 636, 72);
  return c.grain(0.05);
}

/** A white delivery truck with a box body in front of warehouses. */
export function boxTruck(): Canvas {
  const c = new Canvas(1280, 960, 32);
  c.rect(0, 0, 1280, 560, c.linear(['#8fb6d6', '#d4e2ea'])).mist(
    0,
    0,
    1280,
    400,
    '#ffffff',
    [0.004, 0.012],
    2,
  );
  for (let i = 0; i < 4; i++) {
    c.rect(i * 340 - 60, 360 + (i % 2) * 40, 330, 260, i % 2 ? '#a99c8c' : '#8d99a3');
    for (let rib = 0; rib < 22; rib++)
      c.rect(i * 340 - 60 + rib * 15, 360 + (i % 2) * 40, 4, 260, '#000000', { opacity: 0.08 });
    c.rect(i * 340 + 40, 470, 110, 150, '#5c6670');
  }
  c.rect(0, 610, 1280, 350, c.linear(['#8b8a86', '#67666a'])).mist(
    0,
    610,
    1280,
    350,
    '#48474b',
    [0.4, 0.5],
    0.6,
  );
  c.ellipse(640, 790, 560, 28, '#19191c', { opacity: 0.65 }, 13);
  c.rect(120, 700, 960, 46, '#2b2d31');
  c.path('M110,270 L800,270 L800,706 L110,706 Z', c.linear(['#fdfdfb', '#eceeee', '#cfd4d6']))
    .rect(110, 270, 690, 22, '#c6ccd0')
    .rect(110, 684, 690, 22, '#8d959b');
  for (let i = 1; i < 9; i++) c.line(`M${110 + i * 77},292 V684`, '#b7bec3', 1.5);
  c.path('M110,560 Q360,470 800,520 L800,610 Q380,560 110,650 Z', '#e28a1f').path(
    'M110,610 Q360,530 800,572 L800,600 Q380,556 110,650 Z',
    '#2c6aa6',
  );
  c.path(
    'M826,706 L826,366 Q830,340 860,338 L980,338 Q1010,340 1030,372 L1090,506 Q1148,520 1162,556 L1170,720 L826,720 Z',
    c.linear(['#ffffff', '#e6e9eb', '#aeb6bc'], 70),
  );
  c.path(
    'M898,372 L978,372 Q996,374 1006,394 L1060,506 L898,506 Z',
    c.linear(['#cfe4ef', '#4d6578', '#243340'], 60),
  );
  c.line('M884,366 V706 M884,520 L1084,520', '#99a2a8', 3).rect(902, 548, 40, 10, '#70787e', { rx: 4 });
  c.path('M1112,566 L1166,572 L1168,612 L1116,604 Z', '#fdf3cf')
    .rect(1010, 690, 168, 40, '#3c4146', { rx: 6 })
    .path('M1064,430 L1098,424 L1104,496 L1072,494 Z', '#2a2f34');
  c.ellipse(320, 752, 92, 90, '#121214')
    .ellipse(990, 752, 92, 90, '#121214')
    .ellipse(520, 752, 92, 90, '#121214');
  for (const x of [320, 520, 990]) wheel(c, x, 760, 80);
  return c.grain(0.05);
}

/** A blue tipper truck loaded with earth, seen from its side. */
export function tipperTruck(): Canvas {
  const c = new Canvas(1000, 750, 33);
  c.rect(0, 0, 1000, 430, c.linear(['#a8c3d8', '#e9e4d4'])).path(
    'M0,430 L150,330 L330,390 L520,300 L760,400 L1000,340 V480 H0 Z',
    '#a58f6e',
    {},
    2,
  );
  c.mist(0, 300, 1000, 160, '#6d5a40', [0.02, 0.05], 1);
  c.rect(0, 440, 1000, 310, c.linear(['#b79f78', '#8b7350'])).mist(
    0,
    440,
    1000,
    310,
    '#5f4b31',
    [0.05, 0.12],
    1.4,
  );
  c.ellipse(500, 634, 430, 22, '#2b2012', { opacity: 0.65 }, 10);
  c.path('M120,330 Q240,210 360,262 Q470,200 600,326 Z', '#6a4d31').strokes(
    360,
    290,
    220,
    50,
    '#6a4d31',
    260,
    20,
    12,
  );
  c.path('M84,320 L630,320 L612,520 L120,520 Z', c.linear(['#3f7fc0', '#2a5f9c', '#1c4473']));
  for (let i = 0; i < 8; i++) c.path(`M${128 + i * 64},322 h14 l-4,196 h-12 Z`, '#1a3f6b', { opacity: 0.7 });
  c.rect(80, 312, 556, 16, '#6ea3d6').rect(120, 520, 760, 36, '#25282c');
  c.path(
    'M650,556 L650,300 Q652,280 676,278 L812,278 Q838,280 848,306 L880,404 Q896,420 898,450 L900,566 L650,566 Z',
    c.linear(['#5592d0', '#2c639f', '#1d4576'], 70),
  );
  c.path(
    'M706,304 L806,304 Q818,306 824,322 L850,404 L706,404 Z',
    c.linear(['#d3e7f2', '#4d677b', '#22313e'], 60),
  )
    .line('M694,296 V548', '#173a63', 3)
    .rect(846, 470, 50, 34, '#f8efcc', { rx: 5 })
    .rect(812, 530, 96, 34, '#33373c', { rx: 5 });
  c.rect(656, 240, 14, 66, '#77797c').rect(636, 300, 12, 240, '#8e9298');
  for (const x of [216, 352, 770]) {
    c.ellipse(x, 586, 66, 64, '#121214');
    wheel(c, x, 592, 56);
  }
  return c.grain(0.06);
}
