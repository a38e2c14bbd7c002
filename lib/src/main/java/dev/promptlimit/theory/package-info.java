/**
 * What the simulation must agree with: closed forms and asymptotics.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>The formula, its source or derivation and its domain stand in the class comment; the code
 *       uses the same symbols.
 *   <li>What is infinite is returned as {@code Double.POSITIVE_INFINITY}, never as a large number.
 * </ul>
 */
package dev.promptlimit.theory;
