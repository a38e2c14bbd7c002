/**
 * The command line: one class per command, configuration, tables, Spark jobs, closed forms and the
 * report below.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>stdout holds results; everything else goes to stderr.
 *   <li>Exit codes: 0 done, 1 a check failed, 2 bad input, 3 Spark or input/output failure.
 *   <li>Commands that need no Spark load no class of it.
 * </ul>
 */
package dev.promptlimit.jobs;
