/**
 * Arithmetic over small arrays: the inner loops of every simulation.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>Every floating reduction has {@value dev.promptlimit.kernel.Lanes#LANES} logical lanes
 *       (item i goes to lane i mod 16) and the reduction tree of {@link
 *       dev.promptlimit.kernel.Lanes}, whatever the processor's vectors are, so that every
 *       implementation gives equal bits.
 *   <li>Products that are added are fused ({@code Math.fma}) on every path.
 *   <li>No {@code Math.exp}, {@code Math.log} or {@code Math.sin}: their bits may differ between
 *       virtual machines. The polynomials here are the definition.
 *   <li>Arguments are not checked inside loops; callers own the checks.
 * </ul>
 */
package dev.promptlimit.kernel;
