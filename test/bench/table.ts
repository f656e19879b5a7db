export interface Row {
  what: string;
  /** Photos a second, medians over rounds. */
  figures: Record<string, number>;
  ratio: number;
  aim: number;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function printTable(rows: Row[]): string {
  const lines = ['| measured | figures | ratio | aim |', '| --- | --- | --- | --- |'];
  for (const { what, figures, ratio, aim } of rows) {
    const told = Object.entries(figures).map(
      ([name, value]) => `${name} ${value.toFixed(value < 10 ? 2 : 1)}`,
    );
    lines.push(`| ${what} | ${told.join(', ')} | ${ratio.toFixed(2)} × | ${aim ? `≥ ${aim} ×` : '–'} |`);
  }
  return lines.join('\n');
}
