/**
 * Closed forms for the items of a JSON file; no simulation, no Spark.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>One class per shape of an item; {@link dev.promptlimit.jobs.evaluate.Evaluation} chooses
 *       among them.
 *   <li>What is wrong with an item is an {@link IllegalArgumentException} that names field, value
 *       and allowed range. It concerns that item alone.
 *   <li>An answer depends on its item alone, not on its place, on other items or on threads.
 *   <li>What is infinite or does not exist is null; zeros are not signed.
 * </ul>
 */
package dev.promptlimit.jobs.evaluate;
