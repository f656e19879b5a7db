/** Which maps there are, and how rollout is asked for. */
import { z } from 'zod';

/**
 * - `cls`: the last layer's attention of what the head reads, mean over heads
 * - `rollout`: attention followed through all layers
 * - `class`: the evidence for the best class, sum over layers
 */
export const mapNames = ['cls', 'rollout', 'class'] as const;
export type MapName = (typeof mapNames)[number];

/** How rollout joins heads, and what it leaves out. */
export const rolloutOptions = z.strictObject({
  fusion: z.enum(['mean', 'max', 'min']),
  /** Share of each layer's smallest fused attentions set to zero. */
  discardRatio: z.number().min(0).max(0.99),
});
export type RolloutOptions = z.infer<typeof rolloutOptions>;

export const plainRollout: RolloutOptions = { fusion: 'mean', discardRatio: 0 };
