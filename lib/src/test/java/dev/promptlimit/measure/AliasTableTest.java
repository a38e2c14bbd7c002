package dev.promptlimit.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AliasTableTest {
  static Stream<double[]> probabilities() {
    double[] zipf = new double[1000];
    Arrays.setAll(zipf, k -> 1 / (k + 1.0));
    double sum = Arrays.stream(zipf).sum();
    return Stream.of(
        new double[] {1},
        new double[] {0.5, 0.5},
        new double[] {0.25, 0.75},
        new double[] {0.1, 0.2, 0.3, 0.4},
        new double[] {1e-300, 1 - 0x1p-53},
        new double[] {0.999, 0.0005, 0.0005},
        Arrays.stream(zipf).map(p -> p / sum).toArray());
  }

  /**
   * Words at equal distances: as many of them as fit give each index, one more or fewer at each of
   * its bounds, of which there are two a column.
   */
  @ParameterizedTest
  @MethodSource("probabilities")
  void equallySpacedWordsFindEachIndexAsOftenAsItIsProbable(double[] probabilities) {
    int n = probabilities.length;
    int perColumn = 2048;
    AliasTable table = new AliasTable(probabilities);
    assertThat(table.size()).isEqualTo(n);
    long words = (long) n * perColumn;
    BigInteger all = BigInteger.ONE.shiftLeft(64);
    BigInteger step = all.divide(BigInteger.valueOf(words));
    double[] counts = new double[n];
    for (long j = 0; j < words; j++) {
      counts[table.index(step.longValue() * j)]++;
    }
    for (int k = 0; k < n; k++) {
      // bounds: its own, and that of each column that it lends to, here not more than 1 + n p
      double bounds = 2 * (2 + n * probabilities[k]);
      assertThat(counts[k]).isCloseTo(words * probabilities[k], offset(bounds));
    }
  }

  @Test
  void everyWordHasAnIndex() {
    AliasTable table = new AliasTable(new double[] {0.2, 0.3, 0.5});
    for (long word : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThat(table.index(word)).isBetween(0, 2);
    }
    assertThat(new AliasTable(new double[] {1}).index(-1)).isEqualTo(0);
  }
}
