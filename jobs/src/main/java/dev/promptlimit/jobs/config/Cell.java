package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.BruteForceSampler;
import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.PromptSampler;
import dev.promptlimit.attention.ReducedSampler;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenMeasure;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.Set;

/**
 * One cell of an experiment: a setting, how it is simulated and what is measured.
 *
 * @param key hash of the content: tokens, queries, head, prompt length, sampler, metrics, strata
 * @param tokens name of the token measure
 * @param queries name of the query measure
 * @param head name of the head
 * @param setting what is simulated
 * @param sampler how it is simulated
 * @param metrics what is measured
 */
public record Cell(
    String key,
    String tokens,
    String queries,
    String head,
    Setting setting,
    Sampler sampler,
    Set<Metric> metrics)
    implements Serializable {

  /** How prompts are simulated. */
  public enum Sampler {
    /** The exact law from few coordinates: {@link ReducedSampler}. */
    EXACT_REDUCED("exact-reduced"),
    /** Every coordinate of every token: {@link BruteForceSampler}. */
    BRUTE_FORCE("brute-force");

    private final String id;

    Sampler(String id) {
      this.id = id;
    }

    /** The name used in files. */
    public String id() {
      return id;
    }

    /** What a name in a file means; {@code auto} is the faster one. */
    static Sampler choose(String name, TokenMeasure tokens, Head head, Set<Metric> metrics) {
      if (!(tokens instanceof Gaussian)) {
        return BRUTE_FORCE; // there is no other; the reader refuses exact-reduced
      }
      boolean saves = ReducedSampler.coordinates(head, metrics) < head.dimension();
      return switch (name) {
        case "auto" -> saves || head.dimension() == 1 ? EXACT_REDUCED : BRUTE_FORCE;
        case "brute-force" -> BRUTE_FORCE;
        default -> EXACT_REDUCED;
      };
    }
  }

  static Cell of(
      Named<? extends TokenMeasure> tokens,
      Named<Gaussian> queries,
      Named<Head> head,
      long promptLength,
      Sampler sampler,
      Set<Metric> metrics) {
    Set<Metric> ordered = EnumSet.copyOf(metrics);
    String content =
        String.join(
            "\n",
            "cell 1",
            "tokens " + tokens.content(),
            "queries " + queries.content(),
            "head " + head.content(),
            "prompt-length " + promptLength,
            "sampler " + sampler.id(),
            "metrics " + String.join(",", ordered.stream().map(Metric::id).toList()),
            "strata none");
    return new Cell(
        Hash.of(content, 32),
        tokens.name(),
        queries.name(),
        head.name(),
        new Setting(tokens.value(), queries.value(), head.value(), promptLength),
        sampler,
        ordered);
  }

  /** A new sampler for this cell. */
  public PromptSampler newSampler() {
    return switch (sampler) {
      case EXACT_REDUCED -> new ReducedSampler(setting, metrics);
      case BRUTE_FORCE -> new BruteForceSampler(setting, metrics);
    };
  }
}
