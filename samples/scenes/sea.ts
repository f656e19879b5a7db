import { Canvas } from '../canvas.ts';

function water(c: Canvas, horizon: number, colours: string[], glint: string): void {
  c.rect(0, horizon, c.width, c.height - horizon, c.linear(colours));
  for (let i = 0; i < 420; i++) {
    const near = Math.pow(c.random(), 0.6);
    const y = horizon + 4 + (c.height - horizon) * near;
    const length = 8 + near * 70 * c.random();
    const x = c.random() * c.width;
    const d = `M${x.toFixed(0)},${y.toFixed(0)}q${(length / 2).toFixed(0)},${(-2 - near * 5).toFixed(1)} ${length.toFixed(0)},0`;
    c.line(d, i % 3 ? glint : '#0c2c48', 1 + near * 2.2, { opacity: 0.16 + 0.2 * c.random() });
  }
}

/** A freighter side on, in the afternoon. */
export function freighter(): Canvas {
  const c = new Canvas(1200, 900, 11);
  c.rect(0, 0, 1200, 520, c.linear(['#5d97cf', '#9cc6e6', '#dfeaf0']));
  c.mist(0, 20, 1200, 380, '#ffffff', [0.004, 0.011], 2.2);
  water(c, 510, ['#7fa9bf', '#2f6788', '#123d5e'], '#d9ecf5');
  c.ellipse(600, 655, 460, 26, '#0b2438', { opacity: 0.5 }, 14);
  c.path(
    'M150,500 L1060,500 L1010,640 Q1000,655 980,655 L235,655 Q205,655 190,630 Z',
    c.linear(['#243447', '#16222f']),
  );
  c.path(
    'M176,592 L1028,592 L1010,640 Q1000,655 980,655 L235,655 Q205,655 190,630 Z',
    c.linear(['#b23a2e', '#7c231b']),
  );
  c.line('M152,503 L1058,503', '#e8e4da', 6).line('M172,560 L1040,560', '#3b5068', 3, { opacity: 0.7 });
  const colours = ['#b5452f', '#2f6f9f', '#d08a2c', '#3d7f52', '#8c3b3b', '#5b6f86', '#c9b46a'];
  for (let column = 0; column < 9; column++)
    for (let row = 0; row < (column % 4 === 1 ? 2 : 3); row++) {
      const x = 415 + column * 64;
      const colour = colours[Math.floor(c.random() * colours.length)] as string;
      c.rect(x, 452 - row * 46, 60, 44, colour, { rx: 1.5 }).rect(x, 452 - row * 46, 60, 10, '#ffffff', {
        opacity: 0.18,
      });
      for (let rib = 1; rib < 6; rib++)
        c.line(`M${x + rib * 10},${456 - row * 46}v36`, '#000000', 1, { opacity: 0.18 });
    }
  c.path('M235,500 L235,330 L262,296 L372,296 L372,500 Z', c.linear(['#fbfaf6', '#d6d9d9'], 20));
  c.rect(246, 268, 116, 32, '#f2f1ec').rect(252, 274, 106, 14, '#27394a');
  for (let deck = 0; deck < 4; deck++)
    for (let i = 0; i < 6; i++) c.rect(252 + i * 19, 326 + deck * 40, 10, 12, '#3a4d60', { rx: 2 });
  c.path('M285,268 L290,205 L338,205 L344,268 Z', c.linear(['#2b3e52', '#1a2733'], 0)).rect(
    288,
    222,
    53,
    16,
    '#c8452f',
  );
  c.ellipse(400, 170, 120, 26, '#5c6670', { opacity: 0.28 }, 16);
  c.line('M960,500 L960,380 M930,405 L990,405', '#e2dfd6', 6).line('M300,268 V190', '#dcdad2', 3);
  c.path('M1030,640 Q1120,646 1180,668 Q1080,664 1000,664 Z', '#f1f7fa', { opacity: 0.8 }, 4);
  for (let i = 0; i < 46; i++)
    c.ellipse(
      c.between(170, 1060),
      c.between(648, 664),
      c.between(10, 34),
      c.between(2, 5),
      '#f4fafc',
      { opacity: 0.5 },
      2,
    );
  return c.grain(0.05);
}

/** A white yacht under sail against an evening sky. */
export function yacht(): Canvas {
  const c = new Canvas(900, 1200, 12);
  c.rect(0, 0, 900, 800, c.linear(['#3f5f94', '#8f8fb4', '#e5a98b', '#f6d7a2']));
  c.mist(0, 60, 900, 560, '#ffe6d0', [0.003, 0.012], 1.7);
  c.ellipse(690, 742, 66, 66, '#fff2c9', {}, 6);
  c.path('M0,790 Q160,742 300,786 T620,784 T900,772 V820 H0 Z', '#6b6f92', { opacity: 0.75 }, 2);
  water(c, 790, ['#d8a98c', '#6e7393', '#28385e'], '#ffe2bd');
  for (let i = 0; i < 60; i++) {
    const y = 800 + i * 6.4;
    c.rect(690 - c.between(8, 40 + i), y, c.between(16, 70 + i), 2.4, '#fff0c4', { opacity: 0.5 });
  }
  c.ellipse(455, 972, 230, 16, '#17233f', { opacity: 0.5 }, 10);
  c.path(
    'M436,905 L446,200 Q610,520 660,872 Q548,906 436,905 Z',
    c.linear(['#fffdf6', '#e6ded6', '#c6bcc0'], 60),
  );
  c.path('M424,900 L440,300 Q330,640 232,884 Q330,906 424,900 Z', c.linear(['#f7efe6', '#d9cfcf'], 100));
  for (let i = 1; i < 6; i++)
    c.line(
      `M${442 - i * 1.2},${200 + i * 118} Q${520 + i * 10},${230 + i * 116} ${482 + i * 34},${262 + i * 104}`,
      '#9c9298',
      1.6,
      { opacity: 0.5 },
    );
  c.line('M442,180 L434,925', '#4a3d3a', 8).line('M434,912 L668,888', '#4a3d3a', 7);
  c.path(
    'M190,912 L716,912 Q690,972 620,984 L300,984 Q232,972 190,912 Z',
    c.linear(['#fdfbf5', '#cfd0d6', '#8e93a6']),
  );
  c.path('M196,926 L710,926 L704,938 L204,938 Z', '#27456f').rect(370, 888, 190, 26, '#f3efe6', { rx: 8 });
  for (let i = 0; i < 5; i++) c.rect(386 + i * 35, 894, 20, 9, '#2c3a52', { rx: 4 });
  return c.grain(0.05);
}
