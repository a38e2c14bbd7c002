package dev.promptlimit.jobs.run;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.util.AccumulatorV2;

/** Which kernels ran, over all tasks: one name where all machines are alike. */
final class UsedKernels extends AccumulatorV2<String, Set<String>> {
  private static final long serialVersionUID = 1;

  private final Set<String> names = Collections.synchronizedSet(new TreeSet<>());

  @Override
  public boolean isZero() {
    return names.isEmpty();
  }

  @Override
  public UsedKernels copy() {
    UsedKernels copy = new UsedKernels();
    copy.merge(this);
    return copy;
  }

  @Override
  public void reset() {
    names.clear();
  }

  @Override
  public void add(String name) {
    names.add(name);
  }

  @Override
  public void merge(AccumulatorV2<String, Set<String>> other) {
    names.addAll(other.value());
  }

  @Override
  public Set<String> value() {
    synchronized (names) {
      return new TreeSet<>(names);
    }
  }
}
