/**
 * Statistics of deviations that can be merged: moments, tail histograms, intervals.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>Combining is done in block order, by a left fold; an empty summary is exactly neutral.
 *   <li>Counts are exact integers up to 2⁶³ − 1.
 *   <li>An interval says what it assumes. Conditions are written as what must hold, so that NaN
 *       fails them.
 * </ul>
 */
package dev.promptlimit.stat;
