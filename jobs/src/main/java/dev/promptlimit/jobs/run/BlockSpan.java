package dev.promptlimit.jobs.run;

import java.io.Serializable;

/**
 * Consecutive blocks of one cell.
 *
 * @param cell index of the cell in the plan
 * @param first first block
 * @param count number of blocks, ≥ 1
 */
record BlockSpan(int cell, long first, int count) implements Serializable {}
