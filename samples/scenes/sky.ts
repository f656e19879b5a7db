import { Canvas } from '../canvas.ts';

/** An airliner in flight, seen from the side and a little below. */
export function airliner(): Canvas {
  const c = new Canvas(1200, 800, 21);
  c.rect(0, 0, 1200, 800, c.linear(['#2f6fb8', '#5f9ad4', '#a9cfee']));
  c.mist(0, 430, 1200, 370, '#ffffff', [0.004, 0.012], 2.6).mist(
    0,
    0,
    1200,
    300,
    '#ffffff',
    [0.003, 0.014],
    1.1,
  );
  c.group('rotate(-8 600 400)', () => {
    c.path('M520,395 L690,268 L738,268 L662,398 Z', c.linear(['#9fb0bf', '#7c8fa2'], 0));
    c.path('M158,372 L92,232 Q90,224 100,224 L150,224 L258,362 Z', c.linear(['#1f5ea8', '#16437c'], 60));
    c.path(
      'M120,352 Q128,342 160,340 L900,330 Q1010,334 1080,382 Q1094,398 1066,410 Q1000,432 880,434 L360,434 Q210,426 128,366 Z',
      c.linear(['#ffffff', '#eef2f5', '#b9c5cf', '#8394a3']),
    );
    c.path(
      'M128,366 Q210,426 360,434 L880,434 Q1000,432 1066,410 Q980,418 880,416 L380,412 Q230,400 128,366 Z',
      '#5f7284',
      { opacity: 0.5 },
    );
    c.path('M170,356 L900,348 L900,356 L176,366 Z', '#1f5ea8', { opacity: 0.85 });
    for (let i = 0; i < 30; i++) c.rect(300 + i * 20, 368 - i * 0.2, 9, 12, '#34495e', { rx: 4 });
    c.path('M1018,356 L1060,372 L1042,384 L1004,374 Z', '#25384b');
    c.path('M440,412 L700,412 L420,596 L352,602 L470,470 Z', c.linear(['#dde5ec', '#9fb0bf', '#6f8395'], 70));
    c.path('M350,604 L340,566 L352,566 L372,600 Z', '#1f5ea8');
    c.ellipse(560, 476, 62, 26, c.linear(['#f4f7f9', '#8a9aa8'])).ellipse(616, 476, 13, 24, '#2c3c4b');
    c.path('M150,372 L60,428 L98,430 L250,392 Z', c.linear(['#cfd9e1', '#8698a8']));
    c.line('M124,352 Q400,330 900,331', '#ffffff', 4, { opacity: 0.8 });
  });
  return c.grain(0.04);
}

/** A small propeller plane over fields in the evening. */
export function propellerPlane(): Canvas {
  const c = new Canvas(960, 720, 22);
  c.rect(0, 0, 960, 560, c.linear(['#5b86c0', '#a9c4de', '#f4e3c4']));
  c.mist(0, 60, 960, 420, '#ffffff', [0.005, 0.013], 1.7);
  c.path('M0,566 Q200,520 430,552 T960,540 V720 H0 Z', '#8aa0a6', { opacity: 0.7 });
  c.path('M0,600 Q260,560 520,592 T960,584 V720 H0 Z', c.linear(['#93a364', '#5f7a3c']));
  for (let i = 0; i < 7; i++)
    c.path(`M${i * 150 - 60},612 l120,-8 l60,50 l-160,10 Z`, i % 2 ? '#c2b25c' : '#6f8c45', { opacity: 0.6 });
  c.group('rotate(-10 480 330)', () => {
    c.path('M180,330 L150,236 L196,232 L260,318 Z', c.linear(['#d8432f', '#9e2a1d']));
    c.path('M160,336 L120,356 L250,352 L270,330 Z', '#b23223');
    c.path(
      'M176,326 Q360,280 470,276 L600,276 Q700,290 752,328 Q760,352 740,366 Q640,392 520,384 Q340,366 180,344 Z',
      c.linear(['#fffaf0', '#ece7dc', '#a9aeb4']),
    );
    c.path('M190,334 Q440,330 748,338 L746,352 Q460,352 200,346 Z', '#cf3c2a');
    c.path('M470,276 Q520,228 580,236 L640,284 Z', c.linear(['#bfe0f2', '#4a7391'])).line(
      'M546,232 L556,278',
      '#f3eee2',
      6,
    );
    c.path(
      'M400,246 L700,222 Q716,226 712,238 L420,268 Q396,262 400,246 Z',
      c.linear(['#f25b43', '#b8301f']),
    );
    c.line('M480,258 L520,356 M600,244 L580,352', '#c9c4ba', 7);
    c.ellipse(762, 344, 12, 12, '#3d3d42').ellipse(770, 344, 7, 96, '#d8dde2', { opacity: 0.5 }, 2);
    c.line('M560,380 L550,430 M640,376 L664,424', '#7d7a74', 8)
      .ellipse(550, 438, 20, 20, '#2a2a2c')
      .ellipse(668, 432, 20, 20, '#2a2a2c');
    c.ellipse(550, 438, 8, 8, '#b9b5ac').ellipse(668, 432, 8, 8, '#b9b5ac');
  });
  return c.grain(0.05);
}
