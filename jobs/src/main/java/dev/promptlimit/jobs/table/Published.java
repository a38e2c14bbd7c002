package dev.promptlimit.jobs.table;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.jobs.config.Experiment;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;

/**
 * The published results of a run as {@link ResultTables} hold them: all that a report is made of.
 *
 * @param experiment the experiment; of its heads those that it trains may not be known
 * @param cells rows of {@code cells.parquet}, without histograms
 * @param claims rows of {@code claims.parquet}; empty if it is not there
 * @param trajectories rows of {@code trajectories.parquet}; empty if it is not there
 * @param flows rows of {@code flows.parquet}; empty if it is not there
 * @param provenance objects {@code build} and {@code timing} of {@code summary.json}; an empty one
 *     if it is not there or cannot be read
 */
public record Published(
    Experiment experiment,
    List<Row> cells,
    Optional<List<Row>> claims,
    Optional<List<Row>> trajectories,
    Optional<List<Row>> flows,
    JsonNode provenance) {}
