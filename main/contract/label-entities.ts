/** What crosses about heads, a person's words, and search: plain data, safe for structured clone. By subject. */
export type { Note, Share } from '../../models/heads/report.ts';
export type { Evidence } from './entities/inspection.ts';
export type * from './entities/head.ts';
export type * from './entities/likeness.ts';
export type { PersonWords } from './entities/photo.ts';
export type * from './entities/review.ts';
