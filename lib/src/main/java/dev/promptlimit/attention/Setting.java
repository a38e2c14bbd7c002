package dev.promptlimit.attention;

import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenMeasure;
import java.io.Serializable;
import java.util.Locale;

/**
 * One simulated situation: where tokens and queries come from, which head reads them, how many
 * tokens a prompt has.
 *
 * @param tokens token measure on R^d
 * @param queries query measure on R^d
 * @param head head of dimension d
 * @param promptLength tokens per prompt, 1 ≤ L ≤ {@value #MAX_PROMPT_LENGTH}
 * @param limit the measure whose infinite-prompt limit prompts are held against: that of the
 *     tokens, or a wrong one where a control needs it
 */
public record Setting(
    TokenMeasure tokens, Gaussian queries, Head head, long promptLength, TokenMeasure limit)
    implements Serializable {
  /** Longest prompt. */
  public static final long MAX_PROMPT_LENGTH = 1_000_000_000_000L;

  /**
   * @throws IllegalArgumentException if the dimensions differ or L is out of range
   */
  public Setting {
    if (limit.dimension() != tokens.dimension()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot simulate: tokens have dimension %d, the measure of the limit %d",
              tokens.dimension(),
              limit.dimension()));
    }
    if (tokens.dimension() != head.dimension() || queries.dimension() != head.dimension()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot simulate: tokens have dimension %d, queries %d, the head %d",
              tokens.dimension(),
              queries.dimension(),
              head.dimension()));
    }
    if (promptLength < 1 || promptLength > MAX_PROMPT_LENGTH) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot simulate: prompt length %d, allowed: 1 to %d",
              promptLength,
              MAX_PROMPT_LENGTH));
    }
  }

  /** Prompts that are held against their own limit. */
  public Setting(TokenMeasure tokens, Gaussian queries, Head head, long promptLength) {
    this(tokens, queries, head, promptLength, tokens);
  }

  /** Whether prompts are held against the limit of their own tokens. */
  public boolean ownLimit() {
    return limit == tokens;
  }

  /** Dimension d. */
  public int dimension() {
    return head.dimension();
  }
}
