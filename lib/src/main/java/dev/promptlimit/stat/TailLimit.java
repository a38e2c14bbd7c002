package dev.promptlimit.stat;

/** What is certain of tails before anything is drawn. */
@FunctionalInterface
public interface TailLimit {
  /** An upper bound of P(D &gt; u) in stratum k; 1 where nothing is known. */
  double beyond(double u, int k);

  /** Nothing is known. */
  TailLimit NONE = (u, k) -> 1;
}
