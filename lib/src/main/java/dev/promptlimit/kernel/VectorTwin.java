package dev.promptlimit.kernel;

import jdk.incubator.vector.DoubleVector;

/** The twin in vectors of whatever width the processor prefers. */
final class VectorTwin {
  private VectorTwin() {}

  /** Width of its vectors. */
  static int bits() {
    return DoubleVector.SPECIES_PREFERRED.vectorBitSize();
  }
}
