/**
 * Arithmetic over small arrays: the inner loops of every simulation.
 *
 * <p>Callers use {@link dev.promptlimit.kernel.Kernels}, which checks arguments once a call, and
 * the classes built on it. Behind it are two twins, in plain Java and with the Vector API.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>Both twins give equal bits, at any vector width, for every kernel: whoever changes one
 *       changes the other, and {@code TwinsAgreeTest} and {@code VectorWidthsTest} say whether that
 *       was done right.
 *   <li>Every floating reduction has {@value dev.promptlimit.kernel.Lanes#LANES} logical lanes
 *       (item i goes to lane i mod 16) and the reduction tree of {@link
 *       dev.promptlimit.kernel.Lanes}.
 *   <li>Products that are added are fused ({@code Math.fma}), in the same places on both sides.
 *   <li>No {@code Math.exp}, {@code Math.log} or {@code Math.sin}: their bits may differ between
 *       virtual machines. The polynomials here are the definition.
 *   <li>A kernel is a leaf of small loops over arrays in the first-level cache, allocates nothing,
 *       and is compiled alone ({@code InlineBarrier}).
 *   <li>A change of speed comes with numbers from {@code lib/src/jmh}; what was tried and did not
 *       help is noted there.
 * </ul>
 */
package dev.promptlimit.kernel;
