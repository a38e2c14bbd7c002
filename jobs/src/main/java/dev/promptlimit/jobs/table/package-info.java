/**
 * What a run directory holds, and its formats.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>The ledger only grows: a batch appears by one atomic rename, is never changed and never
 *       overwritten.
 *   <li>Everything beside the ledger can be made again from it and is replaced as a whole.
 *   <li>A file that does not belong there is named and refused; nothing is deleted.
 * </ul>
 */
package dev.promptlimit.jobs.table;
