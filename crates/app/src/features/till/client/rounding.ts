/**
 * The till's one place where anything is rounded or shared out: the counterpart of
 * `crates/domain/src/rounding.rs`.
 *
 * Products of two amounts leave the range a number holds exactly, so they are BigInt;
 * what comes in and goes out are whole numbers inside 9,000,000,000,000,000.
 */

/** `numerator / denominator` to the nearest whole number, a half away from zero. */
export function divideHalfAway(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError("a rounding division needs a positive denominator");
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  const magnitude = remainder < 0n ? -remainder : remainder;
  if (magnitude * 2n < denominator) return quotient;
  return numerator < 0n ? quotient - 1n : quotient + 1n;
}

/**
 * Shares `amount` over `weights` in proportion to them, by largest remainder: each gets the
 * whole part of its share, and what is left goes, one by one, to the largest remainders,
 * ties to the earlier weight. The shares sum to `amount`; where all weights are zero every
 * share is zero, which the engine only meets with an amount of zero.
 */
export function shareLargestRemainder(amount: number, weights: readonly number[]): number[] {
  const weightSum = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  if (weightSum === 0n) return weights.map(() => 0);
  const shares: number[] = [];
  const remainders: { index: number; remainder: bigint }[] = [];
  let left = amount;
  weights.forEach((weight, index) => {
    const product = BigInt(amount) * BigInt(weight);
    const share = Number(product / weightSum);
    shares.push(share);
    left -= share;
    remainders.push({ index, remainder: product % weightSum });
  });
  // The sort is stable, so equal remainders keep the order of the weights.
  remainders.sort((a, b) => (a.remainder === b.remainder ? 0 : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of remainders.slice(0, left)) {
    shares[index] = (shares[index] ?? 0) + 1;
  }
  return shares;
}
