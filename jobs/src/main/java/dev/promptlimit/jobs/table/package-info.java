/**
 * What a run directory holds, and its formats.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>One program at a time writes into a run directory, and checks that it still may before it
 *       publishes anything.
 *   <li>A batch of a ledger appears by one atomic rename, or by its manifest, which is written
 *       last; it is never changed and never overwritten. It is removed when its rows have been
 *       published elsewhere, by compaction.
 *   <li>Rows that are there twice are the same row, or an error; merged blocks win over single
 *       ones.
 *   <li>Everything beside the ledger can be made again from it and is replaced as a whole.
 *   <li>A file that does not belong there is named and refused; nothing is deleted.
 * </ul>
 */
package dev.promptlimit.jobs.table;
