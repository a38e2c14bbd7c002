/**
 * Claims: published statements, how each is put to the test, and verdicts.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>An id is a contract with experiment files; statements are quoted with their source, and
 *       what the source leaves open is said.
 *   <li>A judgement is a pure function of what was measured. Intervals of observations hold
 *       together and at any time: comparing them with numbers costs no further error; what else a
 *       claim tests stays within the error that it is given.
 *   <li>A statement is never tested against its own formula, and it is supported only where it
 *       could have failed. What is too imprecise is undecided, and the reason says what is missing.
 *   <li>Controls are statements known to be false, judged by the same code as true ones.
 * </ul>
 */
package dev.promptlimit.claim;
