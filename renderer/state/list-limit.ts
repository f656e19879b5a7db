/** The contract's. */
const mostListed = 500;

/** How many of a list are asked for at once: one that is asked again from its beginning is no shorter for that. */
export const listLimit = (isMore: boolean, page: number, { length }: readonly unknown[]): number =>
  isMore ? page : Math.min(mostListed, Math.max(page, length));
