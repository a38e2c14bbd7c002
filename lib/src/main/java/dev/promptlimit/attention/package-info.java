/**
 * A head, its infinite-prompt operator, and samplers of the deviation of finite prompts from it.
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>A sampler's output is a function of its stream key alone.
 *   <li>The two samplers share the definition of the metrics, nothing else: they check each other.
 *   <li>Memory does not grow with the prompt length.
 *   <li>Constants: tokens come from substream {@code TOKENS}, everything drawn once a prompt (its
 *       query, the components orthogonal to the scores) from substream {@code PROMPTS}.
 * </ul>
 */
package dev.promptlimit.attention;
