package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianPrompts;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.regression.RegressionTokens;
import dev.promptlimit.theory.QueryStrata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the cells of an experiment: the product of its tokens, queries, heads and lengths. */
final class CellsReader {
  private final Section root;
  private final TrainedHeads trained;

  CellsReader(Section root, TrainedHeads trained) {
    this.root = root;
    this.trained = trained;
  }

  /** The cells, as far as they are in order. */
  List<Cell> cells(List<Long> lengths, String sampler, Set<Metric> metrics, String strata) {
    List<Section> tokenSections = root.sections(Keys.TOKENS);
    List<Section> querySections = querySections(tokenSections);
    List<Section> headSections = root.sections(Keys.HEADS);
    Set<String> names = new HashSet<>();
    List<Cell> cells = new ArrayList<>();
    Map<Integer, List<Named<Gaussian>>> queriesOf = new HashMap<>();
    Map<Integer, List<HeadSource>> headsOf = new HashMap<>();
    for (Section section : tokenSections) {
      String name = label(section, tokenSections.size(), names, Keys.TOKEN_MEASURE);
      Optional<Named<TokenMeasure>> tokens =
          TokensReader.tokens(section).map(made -> new Named<>(name, made.content(), made.value()));
      Optional<Integer> d =
          tokens
              .map(made -> made.value().dimension())
              .or(() -> TokensReader.statedDimension(section));
      if (d.isEmpty()) {
        continue; // reported already
      }
      List<Named<Gaussian>> queries =
          TokensReader.isRegression(section)
              ? tokens.stream().map(CellsReader::ownQueries).toList()
              : queriesOf.computeIfAbsent(d.get(), shape -> queries(querySections, shape));
      List<HeadSource> sources =
          headsOf.computeIfAbsent(d.get(), shape -> heads(headSections, shape));
      if (tokens.isEmpty() || metrics.isEmpty()) {
        continue; // reported already
      }
      List<Named<Head>> heads = heads(sources, tokens.get());
      if (sampler.equals("exact-reduced") && !(tokens.get().value() instanceof GaussianPrompts)) {
        root.reject(
            Keys.SAMPLER,
            "it needs gaussian tokens, " + name + " are not, allowed: auto, brute-force");
        continue;
      }
      for (Named<Gaussian> query : queries) {
        for (Named<Head> head : heads) {
          Cell.Sampler chosen =
              Cell.Sampler.choose(sampler, tokens.get().value(), head.value(), metrics);
          QueryStrata cut = strata(tokens.get().value(), head.value(), query.value(), strata);
          for (long length : lengths) {
            cells.add(Cell.of(tokens.get(), query, head, length, chosen, metrics, cut));
          }
        }
      }
    }
    // of unknown shape they make no cells, but have problems to report too
    if (queriesOf.isEmpty()) {
      queries(querySections.stream().map(Section::ofUnknownShape).toList(), 1);
    }
    if (headsOf.isEmpty()) {
      heads(headSections.stream().map(Section::ofUnknownShape).toList(), 1);
    }
    return cells;
  }

  /** Those of queries, which tokens of regression do not need. */
  private List<Section> querySections(List<Section> tokenSections) {
    boolean needed =
        tokenSections.isEmpty() || !tokenSections.stream().allMatch(TokensReader::isRegression);
    if (needed) {
      return root.sections(Keys.QUERIES);
    }
    if (root.has(Keys.QUERIES)) {
      root.reject(Keys.QUERIES, "prompts of regression bring their own queries: leave it out");
    }
    return List.of();
  }

  private static Named<Gaussian> ownQueries(Named<TokenMeasure> tokens) {
    Gaussian queries = ((RegressionTokens) tokens.value()).queries();
    return new Named<>("regression", "regression", queries);
  }

  private static QueryStrata strata(
      TokenMeasure tokens, Head head, Gaussian queries, String choice) {
    return switch (choice) {
      case "always" -> QueryStrata.of(tokens, head, queries, 0);
      case "auto" -> QueryStrata.of(tokens, head, queries, QueryStrata.FROM_H2);
      default -> QueryStrata.none(queries);
    };
  }

  private List<Named<Gaussian>> queries(List<Section> sections, int d) {
    Set<String> names = new HashSet<>();
    List<Named<Gaussian>> queries = new ArrayList<>();
    for (Section section : sections) {
      String name = label(section, sections.size(), names, Keys.QUERY_MEASURE);
      MeasureReader.queries(section, d)
          .ifPresent(made -> queries.add(new Named<>(name, made.content(), made.value())));
    }
    return queries;
  }

  /** All heads for these tokens. */
  private List<Named<Head>> heads(List<HeadSource> sources, Named<TokenMeasure> tokens) {
    Map<String, String> labels = new HashMap<>();
    List<Named<Head>> heads = new ArrayList<>();
    for (HeadSource source : sources) {
      for (Named<Head> head : source.of(tokens)) {
        heads.add(head);
        String other = labels.putIfAbsent(head.name(), source.label());
        if (other != null && !other.equals(source.label())) { // equal labels are reported already
          root.reject(Keys.HEADS, "two of them are called " + head.name());
        }
      }
    }
    return heads;
  }

  private List<HeadSource> heads(List<Section> sections, int d) {
    Set<String> names = new HashSet<>();
    List<HeadSource> heads = new ArrayList<>();
    for (Section section : sections) {
      HeadReader.heads(section, d, trained).ifPresent(heads::add);
      section.text(Keys.LABEL).ifPresent(name -> unique(section, name, names));
    }
    return heads;
  }

  /** A measure's name: needed where there are several, otherwise by default its family's. */
  private static String label(
      Section section, int siblings, Set<String> names, Key.Choice measure) {
    String fallback = section.choice(measure).orElse("");
    if (siblings == 1 && !section.has(Keys.LABEL)) {
      return fallback;
    }
    String name = section.text(Keys.LABEL).orElse(fallback);
    unique(section, name, names);
    return name;
  }

  private static void unique(Section section, String name, Set<String> names) {
    if (!names.add(name)) {
      section.reject(Keys.LABEL, "another one has this name");
    }
  }
}
