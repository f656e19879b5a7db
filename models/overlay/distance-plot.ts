/** Mean attention distance of every head as points over layers (Dosovitskiy et al. 2021, figure 7). Pure. */

export interface DistancePlot {
  /** [L, H], in the unit of `longest`. */
  distances: ArrayLike<number>;
  layers: number;
  heads: number;
  /** Upper end of the axis: the side of the picture. */
  longest: number;
}

/** One point a head, at shares of the plot's width and height, 0 … 1 from the left and from below. */
export function distancePoints({
  distances,
  layers,
  heads,
  longest,
}: DistancePlot): { layer: number; head: number; x: number; y: number; distance: number }[] {
  return Array.from({ length: layers * heads }, (_, i) => {
    const [layer, head] = [Math.floor(i / heads), i % heads];
    // Heads of a layer stand a little beside each other, so that none hides another.
    const beside = heads > 1 ? (head / (heads - 1) - 0.5) * 0.4 : 0;
    const distance = distances[i]!;
    return { layer, head, distance, x: (layer + 0.5 + beside) / layers, y: distance / longest };
  });
}

/** Round numbers from 0 to `longest`, about four. */
export function ticksTo(longest: number): number[] {
  const raw = longest / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw)!;
  return Array.from({ length: Math.floor(longest / step) + 1 }, (_, i) => i * step);
}

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);

/** A whole SVG, 640 × 400. */
export function distanceSvg(plot: DistancePlot, words: { title: string; x: string; y: string }): string {
  const [left, top, width, height] = [64, 40, 552, 300];
  const y = (share: number) => top + (1 - share) * height;
  const ticks = ticksTo(plot.longest).map((tick) => {
    const at = y(tick / plot.longest).toFixed(1);
    return `<path d="M${left} ${at}h${width}" stroke="#ddd"/><text x="${left - 8}" y="${at}" text-anchor="end" dominant-baseline="middle">${tick}</text>`;
  });
  const layers = Array.from({ length: plot.layers }, (_, i) => {
    const x = (left + ((i + 0.5) / plot.layers) * width).toFixed(1);
    return `<text x="${x}" y="${top + height + 20}" text-anchor="middle">${i + 1}</text>`;
  });
  const points = distancePoints(plot).map(({ layer, head, x, y: share, distance }) => {
    const [cx, cy] = [(left + x * width).toFixed(1), y(share).toFixed(1)];
    return `<circle cx="${cx}" cy="${cy}" r="4" fill="#0b7a75" fill-opacity="0.75"><title>${layer + 1}.${head + 1}: ${distance.toFixed(1)}</title></circle>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 400" width="640" height="400" font-family="system-ui, sans-serif" font-size="12" fill="#222"><rect width="640" height="400" fill="#fff"/><text x="${left}" y="22" font-size="14" font-weight="600">${escaped(words.title)}</text>${ticks.join('')}<path d="M${left} ${top}v${height}h${width}" fill="none" stroke="#888"/>${layers.join('')}${points.join('')}<text x="${left + width / 2}" y="${top + height + 44}" text-anchor="middle">${escaped(words.x)}</text><text transform="translate(16 ${top + height / 2}) rotate(-90)" text-anchor="middle">${escaped(words.y)}</text></svg>\n`;
}
