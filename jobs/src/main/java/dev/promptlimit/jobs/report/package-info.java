/**
 * What people look at: the console table and the HTML report.
 *
 * <p>Notes for developers:
 *
 * <ul>
 *   <li>A number never stands without its interval, its count and what theory says beside it.
 *   <li>A page is a function of {@link dev.promptlimit.jobs.table.Published}, byte for byte: no
 *       clock, no order of arrival, no language. {@code verify} compares it.
 *   <li>Words of a page are HTML, its figures and tables JSON that its scripts draw. Which points a
 *       figure has is decided here; the scripts decide how they look.
 *   <li>Names come from experiment files. They are text nodes, JSON strings or SVG text, never
 *       markup; tooltips are nodes. The policy of a page lets its own scripts run and no others.
 * </ul>
 */
package dev.promptlimit.jobs.report;
