/**
 * Planning, training, simulating and merging.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>A block is a pure function of (seed, cell key, block index).
 *   <li>Spark simulates blocks and writes the ledger, nothing else; what is published is read from
 *       the ledger and merged in block order.
 *   <li>A run simulates the plan minus the ledger: resuming and extending are the same thing.
 *   <li>A training run advances from its last published checkpoint; where it is cut and who
 *       advances it leaves no trace.
 *   <li>Rounds of an adaptive budget look at the blocks of the rounds before alone, whatever else
 *       the ledger holds.
 * </ul>
 */
package dev.promptlimit.jobs.run;
