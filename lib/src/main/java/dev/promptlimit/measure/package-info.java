/**
 * Token and query measures: sampling, log-MGF, tilted mean and tilted covariance.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>A measure checks its parameters when it is made and is immutable afterwards.
 *   <li>Outside the domain of the log-MGF there is no limit: say so, never return a number.
 *   <li>Closed forms hold for tiny and for huge tilts: no difference of nearly equal numbers,
 *       nothing that overflows before the result does. Functions are those of Hipparchus's
 *       FastMath, whose bits are the same everywhere.
 *   <li>Factorisations go through {@link dev.promptlimit.measure.Lapack}, whose bits are the same
 *       everywhere.
 * </ul>
 */
package dev.promptlimit.measure;
