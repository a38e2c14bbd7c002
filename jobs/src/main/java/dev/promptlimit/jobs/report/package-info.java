/**
 * What people look at: the console table and the HTML report.
 *
 * <p>Notes for developers: a number never stands without its interval, its count and what theory
 * says beside it; text from an experiment file is escaped.
 */
package dev.promptlimit.jobs.report;
