/**
 * In-context linear regression: task families, risks, errors and risks of finite prompts, gradient
 * flows, the Bayes risk, prompts as tokens of a concentration experiment, stochastic training.
 *
 * <p>A task is w ~ N(0, τ²I_d), an input x ~ N(0, Σ), its label y = wᵀx + N(0, σ²), a token (x, y)
 * in R^{d+1}; the query is z = (x_q, 0), the target y_q. A head is a {@link
 * dev.promptlimit.attention.Head} of dimension d + 1 with one output: U in blocks U₁₁ (d × d) and
 * u₂₁ᵀ (the last row), which the last column never meets as z ends in 0; V one row v = (v₁, v₂).
 *
 * <p>Notes for developers, the laws of this package:
 *
 * <ul>
 *   <li>Risks carry the factor ½ of the loss ½(prediction − y_q)²; conditional squared errors do
 *       not.
 *   <li>Given its task a prompt is Gaussian: risks and flows draw no token. Stochastic training
 *       ({@code BatchGradient} and what it uses) draws the two coordinates of a token that matter,
 *       for linear attention none.
 *   <li>A training run is a function of its start and its stream keys: a checkpoint begins new
 *       streams, and a state holds all that a run goes on from.
 *   <li>Every gradient is exact, entries on which the value does not depend are 0.
 *   <li>Quotients by s are rewritten before they are computed: s = 0, L = 1, singular Σ and σ = 0
 *       are ordinary arguments.
 *   <li>A formula's derivation stands beside the code, in its symbols.
 * </ul>
 */
package dev.promptlimit.regression;
