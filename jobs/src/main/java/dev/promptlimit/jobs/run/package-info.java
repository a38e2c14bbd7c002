/**
 * Planning, training, simulating and merging.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>A block is a pure function of (seed, cell key, block index).
 *   <li>What is published is read from the ledger and merged in block order, by tasks; the driver
 *       holds nothing that grows with the number of blocks.
 *   <li>A run simulates the plan minus the ledger: resuming and extending are the same thing.
 *   <li>A call with limits ends between batches; however a run is cut into calls, it ends with the
 *       same bits.
 *   <li>A training run advances from its last published checkpoint; where it is cut and who
 *       advances it leaves no trace.
 *   <li>Rounds of an adaptive budget look at the blocks of the rounds before alone, whatever else
 *       the ledger holds.
 * </ul>
 */
package dev.promptlimit.jobs.run;
