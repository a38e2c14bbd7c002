package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.TokenMeasure;
import java.util.List;
import java.util.function.Function;

/**
 * What a section of heads stands for, once the tokens that the heads read are known.
 *
 * @param label its name
 * @param heads the heads for some tokens, several where a flow is looked at at several times
 */
record HeadSource(String label, Function<Named<TokenMeasure>, List<Named<Head>>> heads) {
  List<Named<Head>> of(Named<TokenMeasure> tokens) {
    return heads.apply(tokens);
  }
}
