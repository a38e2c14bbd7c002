package dev.promptlimit.claim;

import java.util.Map;

/**
 * A verdict with what it rests on.
 *
 * @param verdict the verdict
 * @param reason why, in one line
 * @param evidence numbers behind it: strings, numbers, booleans, and lists and maps of these; what
 *     is not finite is unknown
 */
public record Judgement(Verdict verdict, String reason, Map<String, Object> evidence) {}
