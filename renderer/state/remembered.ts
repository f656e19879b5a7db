/** Small choices of the interface that this machine remembers; a browser that forbids it forgets them. */
export function recall<Value>(name: string, otherwise: Value): Value {
  try {
    const text = localStorage.getItem(`saccade.${name}`);
    const value: unknown = text === null ? null : JSON.parse(text);
    return typeof value === typeof otherwise && value !== null ? (value as Value) : otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`saccade.${name}`, JSON.stringify(value));
  } catch {
    // Nothing depends on it.
  }
}
