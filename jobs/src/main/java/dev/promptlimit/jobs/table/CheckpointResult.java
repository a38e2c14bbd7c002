package dev.promptlimit.jobs.table;

import dev.promptlimit.attention.Head;
import dev.promptlimit.regression.TrainingState;
import dev.promptlimit.stat.Interval;
import java.io.Serializable;

/**
 * What a run says of a checkpoint. Risks are ½ E(prediction − y_q)².
 *
 * @param state weights, and losses since the checkpoint before
 * @param head the head of the weights
 * @param risk on prompts of the run's length that were not trained on
 * @param riskInterval its interval
 * @param infiniteRisk of the same head on infinite prompts; NaN where it is not known
 * @param h2 H² = λ_max(Σ_q^{1/2}UᵀΓUΣ_q^{1/2}) with the average Γ of tokens over tasks: how
 *     strongly queries tilt tokens; NaN where it is not known
 * @param toOptimum distance of its map from that of the best head; NaN where it is not known
 */
public record CheckpointResult(
    TrainingState state,
    Head head,
    double risk,
    Interval riskInterval,
    double infiniteRisk,
    double h2,
    double toOptimum)
    implements Serializable {}
