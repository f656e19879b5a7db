import { Canvas } from '../canvas.ts';

interface Coat {
  light: string;
  main: string;
  dark: string;
}

function leg(
  c: Canvas,
  x: number,
  top: number,
  bottom: number,
  bend: number,
  thick: number,
  colour: string,
): void {
  const knee = top + (bottom - top) * 0.52;
  c.path(
    `M${x - thick},${top} Q${x - thick * 0.5 + bend},${knee - 30} ${x - thick * 0.42 + bend},${knee} L${x - thick * 0.3},${bottom} L${x + thick * 0.42},${bottom} ` +
      `L${x + thick * 0.42 + bend},${knee} Q${x + thick * 0.9 + bend},${knee - 40} ${x + thick * 1.1},${top} Z`,
    colour,
  );
  c.path(`M${x - thick * 0.45},${bottom - 14} h${thick} l8,20 h${-thick - 12} Z`, '#231a14');
}

/** The trunk of a horse or a deer, its chest to the right, lit from above. */
function trunk(c: Canvas, coat: Coat): void {
  c.path(
    'M262,470 Q240,380 330,360 Q470,382 620,352 Q720,330 750,400 Q772,500 720,556 Q600,590 470,566 Q340,586 290,560 Q262,530 262,470 Z',
    c.linear([coat.light, coat.main, coat.dark]),
  );
  c.strokes(500, 462, 215, 78, coat.main, 600, 178, 16);
}

/** A bay horse on a meadow. */
export function horse(): Canvas {
  const c = new Canvas(1100, 880, 61);
  c.rect(0, 0, 1100, 520, c.linear(['#8dbbe0', '#cfe1ea'])).mist(
    0,
    0,
    1100,
    360,
    '#ffffff',
    [0.004, 0.011],
    2,
  );
  c.path('M0,470 Q240,410 520,452 T1100,430 V560 H0 Z', '#7d9a72', {}, 4);
  c.rect(0, 500, 1100, 380, c.linear(['#92b054', '#6b8d38', '#4f6f28'])).grass(510, 880, 1500, '#76993f', 34);
  c.ellipse(510, 790, 330, 22, '#22300f', { opacity: 0.5 }, 12);
  const coat: Coat = { light: '#b9743c', main: '#8d4f24', dark: '#4e2a13' };
  c.path(
    'M276,400 Q190,420 176,560 Q170,660 196,710 Q232,650 240,560 Q250,470 300,430 Z',
    c.linear(['#2b1a12', '#120b08']),
  ).strokes(208, 590, 20, 90, '#1e130d', 120, 100, 30);
  leg(c, 390, 520, 782, 18, 26, coat.dark);
  leg(c, 640, 520, 784, -4, 26, coat.dark);
  trunk(c, coat);
  leg(c, 320, 500, 796, 22, 36, coat.main);
  leg(c, 700, 500, 798, -6, 32, coat.main);
  c.ellipse(332, 482, 74, 96, c.radial([coat.light, coat.main, coat.main], 0.45, 0.2, 0.9), {}, 5);
  c.ellipse(696, 488, 58, 92, c.radial([coat.light, coat.main, coat.main], 0.45, 0.2, 0.9), {}, 5);
  c.path(
    'M640,400 Q690,270 790,170 Q850,150 880,190 Q860,300 790,420 Q760,500 700,520 Q640,480 640,400 Z',
    c.linear([coat.light, coat.main, coat.dark], 60),
  ).strokes(770, 320, 34, 90, coat.main, 200, 120, 14);
  c.path(
    'M800,168 Q870,140 912,190 Q960,262 1000,318 Q1012,350 984,364 Q956,376 930,346 Q890,300 836,282 Q790,240 800,168 Z',
    c.linear([coat.light, coat.main, coat.dark], 60),
  );
  c.path('M812,170 Q806,116 828,96 Q852,120 856,160 Z', coat.main).path(
    'M850,160 Q856,112 880,104 Q892,130 884,172 Z',
    coat.dark,
  );
  c.path('M838,150 Q760,170 700,270 Q660,340 640,410 Q690,380 716,330 Q770,240 850,184 Z', '#1d120c').strokes(
    712,
    292,
    20,
    40,
    '#38241a',
    60,
    125,
    34,
  );
  c.path('M850,120 Q880,150 892,196 Q866,184 846,152 Z', '#1d120c').path(
    'M916,206 Q950,250 984,310 L966,322 Q936,262 904,222 Z',
    '#f3ebe0',
    {},
    2,
  );
  c.ellipse(886, 218, 12, 11, '#0d0805')
    .ellipse(883, 214, 3.5, 3.5, '#ffffff')
    .ellipse(984, 336, 8, 6, '#26150d')
    .line('M962,362 Q978,352 992,352', '#2d180d', 4);
  c.grass(760, 880, 420, '#6c8f36', 44);
  return c.grain(0.05);
}

/** A red deer stag at the edge of a wood. */
export function stag(): Canvas {
  const c = new Canvas(1100, 1000, 62);
  c.rect(0, 0, 1100, 1000, c.linear(['#c4cbb2', '#8f9c75', '#5d6b43']));
  for (let i = 0; i < 26; i++) {
    const x = c.random() * 1100;
    c.rect(x, 0, c.between(12, 40), 620, c.random() < 0.5 ? '#4d4a36' : '#6a6a4d', { opacity: 0.5 }, 7);
  }
  for (let i = 0; i < 60; i++)
    c.ellipse(
      c.random() * 1100,
      c.random() * 420,
      c.between(30, 90),
      c.between(24, 70),
      c.random() < 0.5 ? '#78894f' : '#a3ae74',
      { opacity: 0.4 },
      16,
    );
  c.rect(0, 600, 1100, 400, c.linear(['#8b9350', '#6c7238', '#4b5226'])).grass(
    610,
    1000,
    1700,
    '#838a45',
    40,
  );
  c.ellipse(510, 912, 310, 20, '#232810', { opacity: 0.5 }, 12);
  const coat: Coat = { light: '#c08a55', main: '#96613a', dark: '#5b3820' };
  c.group('translate(70 210) scale(0.88)', () => {
    leg(c, 390, 520, 780, 16, 20, coat.dark);
    leg(c, 650, 520, 782, -4, 20, coat.dark);
    trunk(c, coat);
    c.ellipse(276, 444, 30, 62, '#eadcc2', {}, 4).ellipse(262, 430, 16, 36, coat.dark, {}, 3);
    leg(c, 318, 500, 792, 20, 28, coat.main);
    leg(c, 700, 500, 794, -6, 24, coat.main);
    c.ellipse(332, 482, 62, 84, c.radial([coat.light, coat.main, coat.main], 0.45, 0.2, 0.9), {}, 5);
    c.ellipse(696, 488, 48, 84, c.radial([coat.light, coat.main, coat.main], 0.45, 0.2, 0.9), {}, 5);
    c.path(
      'M640,410 Q680,260 744,150 Q800,120 836,160 Q840,290 776,420 Q750,510 700,530 Q640,490 640,410 Z',
      c.linear([coat.light, coat.main, coat.dark], 60),
    ).strokes(740, 330, 70, 150, '#8a5835', 520, 105, 26);
    c.path(
      'M744,140 Q790,96 842,124 Q900,168 940,196 Q954,220 934,232 Q890,246 850,226 Q780,220 752,190 Z',
      c.linear([coat.light, coat.main, coat.dark], 60),
    );
    c.ellipse(930, 208, 16, 13, '#1f1510')
      .ellipse(838, 156, 10, 9, '#0d0805')
      .ellipse(835, 153, 3, 3, '#ffffff')
      .path('M872,220 Q910,226 930,230 Q900,244 866,230 Z', '#e9dcc4', {}, 2);
    c.path('M756,138 Q700,110 664,122 Q690,158 752,166 Z', coat.main).path(
      'M748,144 Q708,126 684,130 Q708,152 748,158 Z',
      '#d9b99a',
    );
    const antler = (d: string): Canvas => c.line(d, '#54402b', 15).line(d, '#a98c66', 6, { opacity: 0.8 });
    antler(
      'M780,108 Q720,20 742,-96 M746,18 Q800,0 816,-42 M738,-30 Q690,-40 672,-80 M742,-96 Q716,-112 712,-140 M742,-96 Q768,-110 778,-138',
    );
    antler(
      'M806,108 Q850,30 910,-70 M836,54 Q884,46 912,16 M872,-6 Q860,-56 872,-92 M910,-70 Q944,-84 952,-112',
    );
  });
  c.grass(880, 1000, 460, '#6d7436', 48);
  return c.grain(0.05);
}
