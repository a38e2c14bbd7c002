package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.BruteForceSampler;
import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.PromptSampler;
import dev.promptlimit.attention.QueryDraw;
import dev.promptlimit.attention.ReducedSampler;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.claim.Claim;
import dev.promptlimit.claim.Fixture;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianPrompts;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.theory.QueryStrata;
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
 * @param strata strata of its queries
 * @param claim id of the claim whose fixture it is; empty for the experiment's own cells
 */
public record Cell(
    String key,
    String tokens,
    String queries,
    String head,
    Setting setting,
    Sampler sampler,
    Set<Metric> metrics,
    QueryStrata strata,
    String claim)
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
      if (!(tokens instanceof GaussianPrompts)) {
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
      Set<Metric> metrics,
      QueryStrata strata) {
    Setting setting = new Setting(tokens.value(), queries.value(), head.value(), promptLength);
    Set<Metric> ordered = EnumSet.copyOf(metrics);
    String key =
        key(
            "cell 1",
            "tokens " + tokens.content(),
            "queries " + queries.content(),
            "head " + head.content(),
            simulated(setting, sampler, ordered),
            strata.count() == 1 ? "strata none" : "strata score 1");
    return new Cell(
        key, tokens.name(), queries.name(), head.name(), setting, sampler, ordered, strata, "");
  }

  /** The cell of a claim's fixture: what it holds is said by the claim. */
  static Cell of(Claim claim, Fixture fixture) {
    Set<Metric> metrics = EnumSet.copyOf(fixture.metrics());
    Setting setting = fixture.setting();
    Sampler sampler =
        setting.ownLimit()
            ? Sampler.choose("auto", setting.tokens(), setting.head(), metrics)
            : Sampler.BRUTE_FORCE;
    String name = fixture.name();
    String key =
        key(
            "fixture 1",
            "claim " + claim.id(),
            "name " + name,
            simulated(setting, sampler, metrics));
    QueryStrata one = QueryStrata.none(setting.queries());
    return new Cell(key, name, name, name, setting, sampler, metrics, one, claim.id());
  }

  private static String key(String... lines) {
    return Hash.of(String.join("\n", lines), 32);
  }

  private static String simulated(Setting setting, Sampler sampler, Set<Metric> ordered) {
    return String.join(
        "\n",
        "prompt-length " + setting.promptLength(),
        "sampler " + sampler.id(),
        "metrics " + String.join(",", ordered.stream().map(Metric::id).toList()));
  }

  /** Its name for people, with its prompt length. */
  public String label() {
    String name = isOwn() ? tokens + "/" + queries + "/" + head : head;
    return name + " L=" + setting.promptLength();
  }

  /** Whether it belongs to the experiment itself. */
  public boolean isOwn() {
    return claim.isEmpty();
  }

  /** A new sampler for a stratum of this cell's queries. */
  public PromptSampler newSampler(int stratum) {
    QueryDraw queries = strata.draw(stratum);
    return switch (sampler) {
      case EXACT_REDUCED -> new ReducedSampler(setting, metrics, queries);
      case BRUTE_FORCE -> new BruteForceSampler(setting, metrics, queries);
    };
  }
}
