package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TailHistogramTest {
  private static final MathContext DIGITS = new MathContext(50);

  @Test
  void everySquaredEdgeBelongsToTheBinBelow() {
    for (int k = 0; k < TailHistogram.EDGES; k++) {
      double square = power(k, 8, -120).doubleValue();
      assertThat(TailHistogram.bin(square)).as("edge %d", k).isEqualTo(k);
      assertThat(TailHistogram.bin(Math.nextDown(square))).as("below edge %d", k).isEqualTo(k);
      assertThat(TailHistogram.bin(Math.nextUp(square))).as("above edge %d", k).isEqualTo(k + 1);
    }
  }

  @Test
  void edgesAreSixteenAnOctave() {
    for (int k = 0; k < TailHistogram.EDGES; k++) {
      BigDecimal exact = power(k, TailHistogram.BINS_PER_OCTAVE, -60);
      double edge = TailHistogram.edge(k);
      BigDecimal error = new BigDecimal(edge).subtract(exact).abs();
      assertThat(error).as("edge %d", k).isLessThanOrEqualTo(new BigDecimal(Math.ulp(edge)));
    }
    assertThat(TailHistogram.edge(0)).isEqualTo(0x1p-60);
    assertThat(TailHistogram.edge(60 * 16)).isEqualTo(1);
    assertThat(TailHistogram.edge(TailHistogram.EDGES - 1)).isEqualTo(0x1p60);
  }

  /** 2^(k/steps + exponent), steps a power of two, by repeated square roots. */
  private static BigDecimal power(int k, int steps, int exponent) {
    BigDecimal root = BigDecimal.valueOf(2).pow(k % steps);
    for (int i = steps; i > 1; i /= 2) {
      root = root.sqrt(DIGITS);
    }
    int octave = k / steps + exponent;
    BigDecimal two = BigDecimal.valueOf(2).pow(Math.abs(octave));
    return octave >= 0 ? root.multiply(two) : root.divide(two, DIGITS);
  }

  /** q exceeds the squared edge 2^(k/8 − 120) where q⁸ exceeds 2^(k − 960): exact in integers. */
  @Test
  void binsBySizeWithoutRounding() {
    Random random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      double q = Math.scalb(1 + random.nextDouble(), random.nextInt(250) - 125);
      assertThat(TailHistogram.bin(q)).as("squared deviation %s", q).isEqualTo(exactBin(q));
    }
  }

  private static int exactBin(double q) {
    int exponent = Math.getExponent(q) - 52;
    BigInteger eighth = BigInteger.valueOf((long) Math.scalb(q, -exponent)).pow(8);
    int log = eighth.bitLength() - (eighth.bitCount() == 1 ? 1 : 0); // rounded up
    return Math.max(0, Math.min(TailHistogram.BINS - 1, log + 8 * exponent + 960));
  }

  @Test
  void holdsEverythingThatIsNoSmallerThanZero() {
    int last = TailHistogram.BINS - 1;
    assertThat(TailHistogram.bin(0)).isEqualTo(0);
    assertThat(TailHistogram.bin(-0.0)).isEqualTo(0);
    assertThat(TailHistogram.bin(Double.MIN_VALUE)).isEqualTo(0);
    assertThat(TailHistogram.bin(Double.MIN_NORMAL)).isEqualTo(0);
    assertThat(TailHistogram.bin(0x1p-120)).isEqualTo(0);
    assertThat(TailHistogram.bin(Math.nextUp(0x1p-120))).isEqualTo(1);
    assertThat(TailHistogram.bin(1)).isEqualTo(960);
    assertThat(TailHistogram.bin(0x1p120)).isEqualTo(last - 1);
    assertThat(TailHistogram.bin(Math.nextUp(0x1p120))).isEqualTo(last);
    assertThat(TailHistogram.bin(Double.MAX_VALUE)).isEqualTo(last);
    assertThat(TailHistogram.bin(Double.POSITIVE_INFINITY)).isEqualTo(last);
  }

  @Test
  void countsExceedancesOfEveryEdge() {
    Random random = new Random(2);
    double[] squared = new double[2000];
    TailHistogram histogram = new TailHistogram();
    for (int i = 0; i < squared.length; i++) {
      squared[i] = i % 100 == 0 ? 0 : Math.scalb(random.nextDouble(), random.nextInt(280) - 140);
      histogram.add(squared[i]);
    }
    for (int k = 0; k < TailHistogram.EDGES; k += 7) {
      int edge = k;
      long expected = 0;
      for (double q : squared) {
        if (q > 0 && exactBin(Math.max(q, 0x1p-130)) > edge) {
          expected++;
        }
      }
      assertThat(histogram.beyond(k)).as("edge %d", k).isEqualTo(expected);
    }
    assertThat(histogram.total()).isEqualTo(2000);
    assertThat(histogram.count(0)).isEqualTo(2000 - histogram.beyond(0));
  }

  /** What takes memory is the range of occupied bins, and equality does not tell how it grew. */
  @Test
  void orderOfAdditionsLeavesNoTrace() {
    int[] bins = {960, 961, 0, TailHistogram.BINS - 1, 5, 960};
    TailHistogram up = new TailHistogram();
    TailHistogram down = new TailHistogram();
    for (int i = 0; i < bins.length; i++) {
      up.add(bins[i], 3);
      down.add(bins[bins.length - 1 - i], 3);
      down.add(1000, 0); // nothing
    }
    assertThat(up).isEqualTo(down).hasSameHashCodeAs(down);
    assertThat(up.occupiedBins()).containsExactly(0, 5, 960, 961, TailHistogram.BINS - 1);
    assertThat(up.count(960)).isEqualTo(6);
    assertThat(up.beyond(TailHistogram.EDGES - 1)).isEqualTo(3);
    assertThat(up.beyond(0)).isEqualTo(15);
    assertThat(up).isNotEqualTo(new TailHistogram());
    TailHistogram single = new TailHistogram();
    single.add(961, 1);
    single.add(961, 1);
    single.add(5, 3);
    TailHistogram whole = new TailHistogram();
    whole.add(5, 3);
    whole.add(961, 2);
    assertThat(single).isEqualTo(whole);
    TailHistogram moved = new TailHistogram();
    moved.add(7, 1);
    TailHistogram other = new TailHistogram();
    other.add(8, 1);
    assertThat(moved).isNotEqualTo(other);
    assertThat(new TailHistogram().beyond(0)).isZero();
    for (int bin : new int[] {-1, TailHistogram.BINS}) {
      assertThatThrownBy(() -> up.add(bin, 1)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> up.count(bin)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void addsWholeBinsAndHistograms() {
    TailHistogram one = new TailHistogram();
    one.add(1.0);
    one.add(4.0);
    one.add(960, 5);
    TailHistogram two = new TailHistogram();
    two.add(4.0);
    two.add(0, 3);

    TailHistogram both = new TailHistogram();
    both.add(one);
    both.add(two);

    assertThat(both.count(960)).isEqualTo(6);
    assertThat(both.count(976)).isEqualTo(2);
    assertThat(both.count(0)).isEqualTo(3);
    assertThat(both.total()).isEqualTo(11);
    assertThat(both.occupiedBins()).containsExactly(0, 960, 976);
    assertThat(one.total()).isEqualTo(7);
    assertThat(two.total()).isEqualTo(4);
    assertThat(new TailHistogram().occupiedBins()).isEmpty();
  }

  @Test
  void isEqualWhereAllCountsAre() {
    TailHistogram one = new TailHistogram();
    one.add(2.0);
    TailHistogram same = new TailHistogram();
    same.add(2.0);
    assertThat(one).isEqualTo(same).hasSameHashCodeAs(same);
    same.add(2.0);
    assertThat(one).isNotEqualTo(same).isNotEqualTo("histogram");
  }

  @Test
  void refusesNegativeAndTooLargeCounts() {
    TailHistogram full = new TailHistogram();
    assertThatThrownBy(() -> full.add(7, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot count deviations: bin 7 has -1");
    full.add(960, Long.MAX_VALUE);
    assertThatThrownBy(() -> full.add(960, 1)).isInstanceOf(ArithmeticException.class);
    TailHistogram one = new TailHistogram();
    one.add(1.0);
    assertThatThrownBy(() -> one.add(full)).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> full.add(1.0)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void refusesTotalsThatDoNotFit() {
    TailHistogram full = new TailHistogram();
    full.add(960, Long.MAX_VALUE);
    full.add(961, 1);
    assertThatThrownBy(full::total).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> full.beyond(0)).isInstanceOf(ArithmeticException.class);
  }
}
