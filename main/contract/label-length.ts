/** Characters of a label that a person gives, at most. */
export const mostOfLabel = 200;
