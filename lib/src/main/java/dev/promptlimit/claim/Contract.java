package dev.promptlimit.claim;

/**
 * How a statement is put to the test, in words; written before any data are seen.
 *
 * @param statement what is claimed
 * @param source where it comes from
 * @param assumptions what is checked before it is judged
 * @param statistic what is computed
 * @param nullHypothesis what is presumed until data speak against it
 * @param errorShare which part of the family error its tests may use
 * @param refutedBy what would refute it
 */
public record Contract(
    String statement,
    String source,
    String assumptions,
    String statistic,
    String nullHypothesis,
    String errorShare,
    String refutedBy) {}
