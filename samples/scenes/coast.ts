import { Canvas } from '../canvas.ts';

/** A lighthouse on a cliff. */
export function lighthouse(): Canvas {
  const c = new Canvas(800, 1100, 71);
  c.rect(0, 0, 800, 700, c.linear(['#49679a', '#9fb3cf', '#f3d9bd'])).mist(
    0,
    40,
    800,
    520,
    '#fff1e2',
    [0.004, 0.012],
    1.9,
  );
  c.rect(0, 690, 800, 410, c.linear(['#8fa6b8', '#3d5f7c']));
  for (let i = 0; i < 160; i++)
    c.line(`M${c.random() * 800},${700 + c.random() * 400}h${c.between(10, 70)}`, '#dfe9ef', 2, {
      opacity: 0.25,
    });
  c.path(
    'M0,1100 L0,800 Q160,690 330,706 L560,716 Q680,760 800,900 L800,1100 Z',
    c.linear(['#7f8a5a', '#6a5c48', '#3f352a']),
  ).mist(0, 700, 800, 400, '#2b241c', [0.02, 0.04], 0.5);
  c.path('M352,716 L384,250 L496,250 L528,716 Z', c.linear(['#fbf8f1', '#dfdad0', '#9d978d'], 0));
  for (const [top, bottom] of [
    [330, 420],
    [510, 610],
  ] as const)
    c.path(
      `M${384 - (top - 250) * 0.069},${top} L${496 + (top - 250) * 0.069},${top} L${496 + (bottom - 250) * 0.069},${bottom} L${384 - (bottom - 250) * 0.069},${bottom} Z`,
      c.linear(['#cf3b2e', '#a92a20', '#6d1812'], 0),
    );
  c.rect(364, 236, 152, 16, '#3a3f47')
    .rect(400, 168, 80, 70, '#fff1b8')
    .line('M400,168 V238 M426,168 V238 M454,168 V238 M480,168 V238', '#3a3f47', 5)
    .path('M390,168 L440,116 L490,168 Z', '#9e2a20')
    .ellipse(440, 204, 70, 46, '#fff3c4', { opacity: 0.5 }, 16);
  c.rect(424, 640, 34, 76, '#4a4038', { rx: 16 }).rect(430, 460, 20, 30, '#4a4038', { rx: 8 });
  c.rect(548, 640, 150, 82, '#efe9dc')
    .path('M536,644 L560,592 L690,592 L712,644 Z', '#a5533b')
    .rect(590, 664, 26, 28, '#4d5a66')
    .rect(644, 664, 26, 28, '#4d5a66');
  return c.grain(0.05);
}
