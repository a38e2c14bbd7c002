package dev.promptlimit.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.claim.Claim;
import dev.promptlimit.claim.Claims;
import dev.promptlimit.random.StreamKey;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads an experiment file (HOCON) and checks all of it before anything starts. */
public final class ExperimentReader {
  /** What only simulated cells need: an experiment that trains may have none. */
  private static final List<Key<?>> SIMULATED =
      List.of(Keys.TOKENS, Keys.QUERIES, Keys.HEADS, Keys.PROMPT_LENGTHS);

  private final Section root;
  private final Problems problems = new Problems();
  private final Config resolved;

  private final Map<String, TrainedHeads.Trained> trained;

  private ExperimentReader(Config resolved, Map<String, TrainedHeads.Trained> trained) {
    this.resolved = resolved;
    this.trained = trained;
    root = new Section(resolved.root(), "", problems);
  }

  /**
   * Reads a file.
   *
   * @param file the experiment file
   * @param overrides HOCON assignments {@code key=value} that replace what the file says
   * @throws BadInputException with one line for every problem of the file
   */
  public static Experiment read(Path file, List<String> overrides) {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new BadInputException(
          "Cannot read experiment " + file + ": there is no such readable file");
    }
    Config config;
    try {
      config = ConfigFactory.parseFile(withParent(file).toFile(), options(null));
      for (String override : overrides) {
        config =
            ConfigFactory.parseString(override, options("--set " + override)).withFallback(config);
      }
      config = config.resolve(ConfigResolveOptions.noSystem());
    } catch (ConfigException e) {
      throw new BadInputException(
          "Cannot read experiment " + file + ": " + e.getMessage().replaceAll("\\s*\\R\\s*", " "));
    } catch (StackOverflowError e) {
      throw new BadInputException("Cannot read experiment " + file + ": it is nested too deeply");
    }
    return new ExperimentReader(withAbsoluteFiles(config, file), Map.of()).experiment();
  }

  /**
   * Reads a text that a run directory keeps: resolved, paths absolute.
   *
   * @param origin where it is from
   * @throws BadInputException with one line for every problem of the text
   */
  public static Experiment parse(String text, String origin) {
    try {
      Config config = ConfigFactory.parseString(text, options(origin));
      if (config.isEmpty()) {
        throw new BadInputException("Cannot read experiment " + origin + ": it is empty");
      }
      return new ExperimentReader(config.resolve(ConfigResolveOptions.noSystem()), Map.of())
          .experiment();
    } catch (ConfigException e) {
      throw new BadInputException(
          "Cannot read experiment "
              + origin
              + ": "
              + e.getMessage().replaceAll("\\s*\\R\\s*", " "));
    }
  }

  /**
   * Reads an experiment once more, when the heads that it trains are known.
   *
   * @param heads by {@link TrainedHeads#name}
   */
  public static Experiment again(Experiment experiment, Map<String, TrainedHeads.Trained> heads) {
    return new ExperimentReader(experiment.resolved(), heads).experiment();
  }

  /** Without a parent the parser would look for included files nowhere and ignore them. */
  private static Path withParent(Path file) {
    return file.getParent() == null ? Path.of(".").resolve(file) : file;
  }

  /**
   * Files of vocabularies are looked for beside the experiment file; their absolute paths make the
   * resolved experiment one that can be run from anywhere.
   */
  private static Config withAbsoluteFiles(Config config, Path file) {
    ConfigValue tokens = config.root().get(Keys.TOKENS.name());
    if (tokens instanceof ConfigList list) {
      List<ConfigValue> measures =
          list.stream().map(measure -> withAbsoluteFile(measure, file)).toList();
      tokens = ConfigValueFactory.fromIterable(measures).withOrigin(list.origin());
    }
    return tokens == null
        ? config
        : config.withValue(Keys.TOKENS.name(), withAbsoluteFile(tokens, file));
  }

  private static ConfigValue withAbsoluteFile(ConfigValue measure, Path file) {
    if (measure instanceof ConfigObject object
        && object.containsKey(Keys.FILE.name())
        && object.get(Keys.FILE.name()).unwrapped() instanceof String text) {
      try {
        String path = file.toAbsolutePath().resolveSibling(text).normalize().toString();
        return object.withValue(
            Keys.FILE.name(),
            ConfigValueFactory.fromAnyRef(path).withOrigin(object.get(Keys.FILE.name()).origin()));
      } catch (InvalidPathException e) {
        return measure; // whoever reads the key says so
      }
    }
    return measure;
  }

  private static ConfigParseOptions options(String origin) {
    ConfigParseOptions options =
        ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false);
    return origin == null ? options : options.setOriginDescription(origin);
  }

  private Experiment experiment() {
    Optional<String> name = root.text(Keys.NAME);
    Optional<Long> seed = root.whole(Keys.SEED);
    root.whole(Keys.STREAM_VERSION);
    Optional<TrainingPlan> training =
        root.has(TrainingKeys.TRAINING)
            ? root.section(TrainingKeys.TRAINING).flatMap(TrainingReader::training)
            : Optional.empty();
    Optional<List<String>> metricIds = root.words(Keys.METRICS);
    if (metricIds.isPresent() && metricIds.get().isEmpty()) {
      root.reject(Keys.METRICS, "allowed: at least one of " + Keys.METRICS.allowed());
    }
    Set<Metric> metrics =
        metricIds.orElse(List.of()).stream()
            .flatMap(id -> Metric.of(id).stream())
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Metric.class)));
    Optional<String> sampler = root.choice(Keys.SAMPLER);
    boolean simulated = !root.has(TrainingKeys.TRAINING) || SIMULATED.stream().anyMatch(root::has);
    List<Long> lengths = simulated ? LengthsReader.lengths(root) : List.of();
    Optional<String> strata = root.choice(Keys.QUERY_STRATA);
    List<Claim> claims = new ArrayList<>();
    double familyError = Keys.FAMILY_ERROR.fallback().orElseThrow();
    if (root.has(Keys.CLAIMS)) {
      familyError = root.section(Keys.CLAIMS).map(s -> claims(s, claims)).orElse(familyError);
    }
    List<Cell> cells = new ArrayList<>();
    if (simulated) {
      cells.addAll(
          new CellsReader(root, new TrainedHeads(training, trained))
              .cells(lengths, sampler.orElse("auto"), metrics, strata.orElse("never")));
    }
    for (Claim claim : claims) {
      claim.fixtures().forEach(fixture -> cells.add(Cell.of(claim, fixture)));
    }
    Optional<Budget> budget =
        simulated || !cells.isEmpty() || root.has(Keys.BUDGET)
            ? root.section(Keys.BUDGET).flatMap(ExperimentReader::budget)
            : Optional.of(Budget.NONE);
    budget.ifPresent(each -> checkTokens(cells, each));
    root.done();
    problems.throwIfAny();
    return new Experiment(
        name.orElseThrow(),
        seed.orElseThrow(),
        List.copyOf(cells),
        budget.orElseThrow(),
        training,
        List.copyOf(claims),
        familyError,
        withIdentity(name.orElseThrow(), seed.orElseThrow()));
  }

  /**
   * What says whose a run directory is, as read: rendering 1e3 or 9007199254740993.0 changes it.
   */
  private Config withIdentity(String name, long seed) {
    return resolved
        .withValue(Keys.NAME.name(), ConfigValueFactory.fromAnyRef(name))
        .withValue(Keys.SEED.name(), ConfigValueFactory.fromAnyRef(seed))
        .withValue(
            Keys.STREAM_VERSION.name(), ConfigValueFactory.fromAnyRef(StreamKey.STREAM_VERSION));
  }

  /** One key of an adaptive budget makes it one; it must have the others that have no default. */
  private static Optional<Budget> budget(Section section) {
    List<String> adaptive =
        Stream.of(Keys.RELATIVE_ERROR, Keys.CONFIDENCE, Keys.MAX_PROMPTS_PER_CELL)
            .filter(section::has)
            .map(Key::name)
            .toList();
    if (!adaptive.isEmpty() && section.has(Keys.PROMPTS_PER_CELL)) {
      section.reject(
          Keys.PROMPTS_PER_CELL,
          adaptive.get(0)
              + " stands beside it; a budget has either prompts-per-cell or relative-error,"
              + " confidence and max-prompts-per-cell");
      section.done();
      return Optional.empty();
    }
    if (adaptive.isEmpty()) {
      Optional<Long> prompts = section.whole(Keys.PROMPTS_PER_CELL);
      section.done();
      return prompts.map(Budget::fixed);
    }
    Optional<Double> error = section.number(Keys.RELATIVE_ERROR);
    Optional<Double> confidence = section.number(Keys.CONFIDENCE);
    Optional<Long> most = section.whole(Keys.MAX_PROMPTS_PER_CELL);
    section.done();
    return error.isEmpty() || confidence.isEmpty() || most.isEmpty()
        ? Optional.empty()
        : Optional.of(new Budget(most.get(), error.get(), confidence.get()));
  }

  private static double claims(Section section, List<Claim> claims) {
    section
        .words(Keys.CLAIM_IDS)
        .ifPresent(ids -> ids.forEach(id -> claims.add(Claims.of(id).orElseThrow())));
    double familyError =
        section.number(Keys.FAMILY_ERROR).or(Keys.FAMILY_ERROR::fallback).orElseThrow();
    section.done();
    return familyError;
  }

  /** All token counts of a run fit 63 bits, also after rounding up to whole blocks. */
  private void checkTokens(List<Cell> cells, Budget budget) {
    long prompts = budget.mostPrompts();
    try {
      long total = 0;
      for (Cell cell : cells) {
        long rounded = Blocks.of(cell).roundUp(prompts);
        total = Math.addExact(total, Math.multiplyExact(rounded, cell.setting().promptLength()));
      }
    } catch (ArithmeticException e) {
      root.section(Keys.BUDGET)
          .orElseThrow()
          .reject(
              budget.isAdaptive() ? Keys.MAX_PROMPTS_PER_CELL : Keys.PROMPTS_PER_CELL,
              cells.size()
                  + " cells at these prompt lengths need more than 2^63 - 1 tokens in all");
    }
  }
}
