package dev.promptlimit.random;

import dev.promptlimit.kernel.Kernels;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;

/*
 * Idea. A normal number comes with probability 1 − δ from a rectangle, by one word, one table look-up
 * and one product (NormalLayers), and with probability δ = 10/8192 from the rest, by rejection. Which
 * of the numbers of a page come from the rest need not be decided number by number: their count is
 * binomial and their places are a random subset. So a whole page is drawn from rectangles, and on
 * average 0.6 numbers of it are then replaced. The page is i.i.d. normal, and its loop has no branch.
 */
/**
 * Independent standard normals.
 *
 * <p>Normals come in pages of {@value #PAGE}: word i of a page, from the stream of that name, gives
 * number i of the page; counts, places and draws of the rest come from a second stream ({@link
 * StreamKey#companion}).
 */
public final class NormalStream extends NumberStream {
  /** No number is larger in size. */
  public static final double LARGEST = NormalLayers.LARGEST;

  private static final int PAGE = 512;

  private static final double[] WIDTHS = NormalLayers.widths();

  /** P(at most k of a page are from the rest). */
  private static final double[] AT_MOST = binomial();

  private final WordStream words;
  private final ScalarWords rest;
  private final int[] index = new int[Kernels.SCRATCH];
  private final int[] places = new int[AT_MOST.length];

  /** Starts the stream of that name. */
  public NormalStream(StreamKey key) {
    super(PAGE);
    words = new WordStream(key);
    rest = new ScalarWords(key.companion());
  }

  /** P(at most k of a page are from the rest), k = 0, 1, … until it is 1. */
  static double[] binomial() {
    MathContext digits = new MathContext(40);
    BigDecimal rare = BigDecimal.valueOf(NormalLayers.REST_OF_8192);
    BigDecimal common = BigDecimal.valueOf(8192).subtract(rare);
    BigDecimal odds = rare.divide(common, digits);
    BigDecimal exactly = common.divide(BigDecimal.valueOf(8192), digits).pow(PAGE, digits);
    BigDecimal atMost = BigDecimal.ZERO;
    double[] probabilities = new double[PAGE];
    int k = 0;
    for (; k < PAGE && atMost.doubleValue() < 1; k++) {
      atMost = atMost.add(exactly);
      probabilities[k] = atMost.doubleValue();
      BigDecimal ratio = BigDecimal.valueOf(PAGE - k).divide(BigDecimal.valueOf(k + 1L), digits);
      exactly = exactly.multiply(ratio, digits).multiply(odds, digits);
    }
    return Arrays.copyOf(probabilities, k);
  }

  @Override
  void page(double[] out, int from) {
    words.fillTabulated(WIDTHS, index, out, from, PAGE);
    double u = NormalLayers.fraction(rest.next());
    for (int k = 0; u >= AT_MOST[k]; k++) {
      int place = newPlace(k);
      out[from + place] = NormalLayers.rest(rest);
    }
  }

  /** A place of the page that is none of the first k. */
  private int newPlace(int k) {
    while (true) {
      int place = (int) (rest.next() >>> 55); // nine bits
      int i = 0;
      while (i < k && places[i] != place) {
        i++;
      }
      if (i == k) {
        places[k] = place;
        return place;
      }
    }
  }
}
