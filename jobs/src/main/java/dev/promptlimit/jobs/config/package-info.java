/**
 * Experiment files.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>A key has one owner: its constant in {@link dev.promptlimit.jobs.config.Keys}, with
 *       comment, default and range, and one commented line in {@code conf/reference.conf}.
 *   <li>All problems of a file are reported at once, each on a line with file, line, key, value and
 *       what is allowed.
 *   <li>The key of a cell is a hash of its content; names, budget and claims are not in it.
 * </ul>
 */
package dev.promptlimit.jobs.config;
