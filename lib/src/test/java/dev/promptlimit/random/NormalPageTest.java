package dev.promptlimit.random;

import static dev.promptlimit.random.Significance.ALPHA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.hipparchus.distribution.discrete.BinomialDistribution;
import org.junit.jupiter.api.Test;

/**
 * How pages are made.
 *
 * <p>Statistical tests: seed 1, 100,000 pages with some 62,500 numbers of the rest, 2 tests ({@link
 * Significance}). Found are one of 512 places that is chosen 2 times as often, or all of them 5 %
 * more or less often; numbers of replaced numbers whose probabilities are off by 2 %.
 */
class NormalPageTest {
  private static final int PAGE = 512;
  private static final StreamKey KEY = new StreamKey(1, "normal pages", 0, 0);
  private static final BinomialDistribution COUNT =
      new BinomialDistribution(PAGE, NormalLayers.REST_OF_8192 / 8192.0);

  @Test
  void countsOfTheRestAreBinomial() {
    double[] atMost = NormalStream.binomial();
    double mean = 0;
    for (int k = 0; k < atMost.length; k++) {
      assertThat(atMost[k]).isCloseTo(COUNT.cumulativeProbability(k), within(1e-13));
      assertThat(atMost[k]).isGreaterThan(k == 0 ? 0 : atMost[k - 1]);
      mean += 1 - atMost[k];
    }
    assertThat(atMost[atMost.length - 1]).isEqualTo(1);
    assertThat(mean).isCloseTo(512 * 10 / 8192.0, within(1e-15));
  }

  /** What the rectangles give for the next page of these words. */
  private static double[] rectangles(WordStream words) {
    long[] page = new long[PAGE];
    words.fill(page, PAGE);
    double[] widths = NormalLayers.widths();
    double[] numbers = new double[PAGE];
    for (int i = 0; i < PAGE; i++) {
      double v = (page[i] & ((1L << 52) - 1)) * 0x1p-52;
      numbers[i] = widths[(int) (page[i] >>> 53)] * (v - 0.5);
    }
    return numbers;
  }

  @Test
  void aPageIsOneOfRectanglesWithSomePlacesReplacedFromTheCompanion() {
    NormalStream normals = new NormalStream(KEY);
    WordStream words = new WordStream(KEY);
    ScalarWords rest = new ScalarWords(KEY.companion());
    double[] page = new double[PAGE];
    int collisions = 0;
    for (int p = 0; p < 20_000; p++) {
      double[] expected = rectangles(words);
      double u = (rest.next() >>> 11) * 0x1p-53;
      Set<Integer> places = new LinkedHashSet<>();
      while (u >= COUNT.cumulativeProbability(places.size())) {
        int place = (int) (rest.next() >>> 55);
        if (places.add(place)) {
          expected[place] = NormalLayers.rest(rest);
        } else {
          collisions++;
        }
      }
      normals.fill(page, 0, PAGE);
      assertThat(Arrays.equals(page, expected)).as("page %d", p).isTrue();
    }
    assertThat(collisions).as("places that were drawn twice").isPositive();
  }

  private static final int PAGES = 100_000;

  /** Two tests, and their negative controls. */
  @Test
  void replacedPlacesAreUniformAndTheirCountIsBinomial() {
    NormalStream normals = new NormalStream(KEY.withSubstream(1));
    WordStream words = new WordStream(KEY.withSubstream(1));
    long[] places = new long[PAGE];
    long[] counts = new long[5]; // the last for 4 and more
    double[] page = new double[PAGE];
    for (int p = 0; p < PAGES; p++) {
      double[] rectangles = rectangles(words);
      normals.fill(page, 0, PAGE);
      int count = 0;
      for (int i = 0; i < PAGE; i++) {
        if (page[i] != rectangles[i]) {
          places[i]++;
          count++;
        }
      }
      counts[Math.min(count, 4)]++;
    }
    double[] law = new double[5];
    Arrays.setAll(law, COUNT::probability);
    law[4] = 1 - COUNT.cumulativeProbability(3);
    assertThat(Significance.chiSquare(places)).isGreaterThan(ALPHA);
    assertThat(Significance.chiSquare(counts, law)).isGreaterThan(ALPHA);

    for (int i = 0; i < PAGE; i += 16) {
      places[i] = 0; // one place in sixteen is never chosen
    }
    long more = counts[0] / 50;
    counts[0] -= more; // one page in fifty has a replaced number too much
    counts[1] += more;
    assertThat(Significance.chiSquare(places)).isLessThan(ALPHA);
    assertThat(Significance.chiSquare(counts, law)).isLessThan(ALPHA);
  }
}
