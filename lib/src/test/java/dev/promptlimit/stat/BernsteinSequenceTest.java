package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BernsteinSequenceTest {
  private static final double[][] BLOCKS = {{0.1, 0.4}, {}, {0.7, 0.2, 0.9}, {0.3}};

  @Test
  void blocksAddUpToWhatTheirValuesDo() {
    BernsteinSequence sequence = BernsteinSequence.EMPTY;
    double v = 0;
    double sum = 0;
    int n = 0;
    for (double[] block : BLOCKS) {
      double centre = n == 0 ? 0 : sum / n;
      for (double x : block) {
        v += (x - centre) * (x - centre);
      }
      for (double x : block) {
        sum += x;
        n++;
      }
      sequence = sequence.then(Moments.of(block, block.length));
      assertThat(sequence.n()).isEqualTo(n);
      assertThat(sequence.mean()).isCloseTo(sum / n, within(1e-15));
      assertThat(sequence.v()).isCloseTo(v, within(1e-15));
    }
  }

  /*
   * By Python 3.11.7, mpmath 1.3.0 at 40 digits, from equation 10 of the paper with h(k) =
   * (k + 1)^1.4 zeta(1.4), eta = 2, m = c².
   */
  @ParameterizedTest
  @CsvSource({
    "1000, 50.0, 1.0, 0.025, 0.038199220326361169",
    "1000, 0.2, 1.0, 0.01, 0.014660218554742385",
    "1000000, 3e6, 4.0, 1e-9, 0.012789867961271583",
    "100000, 0.5, 0.01, 0.05, 2.9209803447386868e-5"
  })
  void boundaryIsTheStitchedOne(long n, double v, double bound, double alpha, double radius) {
    BernsteinSequence sequence = new BernsteinSequence(n, bound / 2, v);
    assertThat(bound / 2 - sequence.lower(bound, alpha))
        .isCloseTo(radius, within(1e-9 * radius))
        .isGreaterThanOrEqualTo(radius * (1 - 1e-12));
    assertThat(sequence.upper(bound, alpha) - bound / 2).isCloseTo(radius, within(1e-9 * radius));
    assertThat(sequence.interval(bound, 2 * alpha))
        .isEqualTo(new Interval(sequence.lower(bound, alpha), sequence.upper(bound, alpha)));
  }

  @Test
  void staysWithinWhatIsPossible() {
    assertThat(BernsteinSequence.EMPTY.interval(3, 0.05)).isEqualTo(new Interval(0, 3));
    BernsteinSequence few = BernsteinSequence.EMPTY.then(Moments.of(new double[] {1, 2}, 2));
    assertThat(few.interval(3, 0.05)).isEqualTo(new Interval(0, 3));
    assertThat(few.then(Moments.EMPTY)).isEqualTo(few);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0, 0.05",
    "-1.0, 0.05",
    "Infinity, 0.05",
    "NaN, 0.05",
    "0.4, 0.05",
    "1.0, 0.0",
    "1.0, 1.0",
    "1.0, NaN"
  })
  void saysWhatIsWrong(double bound, double alpha) {
    BernsteinSequence sequence = new BernsteinSequence(10, 0.5, 1);
    String message =
        "Cannot bound a mean: values in [0, " + bound + "] with mean 0.5, alpha = " + alpha;
    assertThatThrownBy(() -> sequence.interval(bound, alpha))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> sequence.lower(bound, alpha)).hasMessage(message);
    assertThatThrownBy(() -> sequence.upper(bound, alpha)).hasMessage(message);
  }
}
