package dev.promptlimit.random;

import static dev.promptlimit.random.NormalLayers.LAYERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;
import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;

/**
 * That no part of the decomposition is an approximation, from what draws use: the widths of the
 * rectangles, the share of the tail, the records of the wedges. Nothing is random here.
 */
class NormalLayersTest {
  private static final double[] WIDTHS = NormalLayers.widths();
  private static final double[] WEDGES = NormalLayers.wedges();
  private static final double REST = NormalLayers.REST_OF_8192 / 8192.0;

  private static final GaussIntegratorFactory RULES = new GaussIntegratorFactory();

  private static double wedge(int i, int what) {
    return WEDGES[i * NormalLayers.RECORD + what];
  }

  private static double low(int i) {
    return wedge(i, NormalLayers.LOW);
  }

  private static double width(int i) {
    return wedge(i, NormalLayers.WIDTH);
  }

  private static double base(int i) {
    return wedge(i, NormalLayers.BASE);
  }

  private static double height(int i) {
    return wedge(i, NormalLayers.HEIGHT);
  }

  /** Right end of rectangle i, counted from 0. */
  private static double edge(int i) {
    return WIDTHS[i] / 2;
  }

  private static double area(int i) {
    return RULES
        .legendre(20, low(i), low(i) + width(i))
        .integrate(x -> NormalLayers.density(x) - base(i));
  }

  /** Heights that the rectangles add up to, by Kahan's sum. */
  private static double[] heights() {
    double share = (1 - REST) / LAYERS;
    double[] heights = new double[LAYERS];
    double height = 0;
    double lost = 0;
    for (int i = 0; i < LAYERS; i++) {
      double term = share / edge(i) - lost;
      double sum = height + term;
      lost = (sum - height) - term;
      height = sum;
      heights[i] = height;
    }
    return heights;
  }

  /** Probabilities of the wedges, given that it is one of them, as the alias method draws them. */
  private static double[] drawn() {
    double[] probability = new double[LAYERS];
    for (int i = 0; i < LAYERS; i++) {
      double keep = wedge(i, NormalLayers.KEEP);
      int other = (int) wedge(i, NormalLayers.OTHER);
      assertThat(keep)
          .isBetween(0.0, 1 + 1e-9); // what is left over at the end is 1 but for rounding
      assertThat(other % NormalLayers.RECORD).isEqualTo(0);
      probability[i] += Math.min(1, keep) / LAYERS;
      probability[other / NormalLayers.RECORD] += (1 - Math.min(1, keep)) / LAYERS;
    }
    return probability;
  }

  @Test
  void rectanglesFillTheAreaUnderTheCurve() {
    double[] heights = heights();
    for (int i = 0; i < LAYERS; i++) {
      if (i > 0) {
        assertThat(edge(i)).isLessThan(edge(i - 1));
        assertThat(base(i)).isGreaterThan(base(i - 1));
      }
      assertThat(heights[i]).isCloseTo(base(i), within(1e-15));
      assertThat(NormalLayers.density(edge(i))).isCloseTo(base(i), within(1e-15));
    }
    assertThat(edge(0)).isCloseTo(4.204, within(5e-4));
    assertThat(height(LAYERS - 1)).as("what is left for a cap").isBetween(0.0, 4e-3);
  }

  @Test
  void wedgesLieBetweenNeighbouringEdges() {
    for (int i = 0; i < LAYERS; i++) {
      double next = i + 1 < LAYERS ? edge(i + 1) : 0;
      assertThat(low(i)).isEqualTo(next);
      assertThat(width(i)).isEqualTo(edge(i) - next);
      assertThat(base(i) + height(i)).isCloseTo(NormalLayers.density(next), within(1e-16));
      assertThat(height(i)).isPositive();
    }
  }

  @Test
  void wedgesCapAndTailAreTheRest() {
    double tail = Erf.erfc(edge(0) / Math.sqrt(2));
    assertThat(NormalLayers.TAIL * REST).isCloseTo(tail, within(1e-18));
    double sum = tail;
    for (int i = 0; i < LAYERS; i++) {
      sum += area(i);
    }
    assertThat(sum).isCloseTo(REST, within(1e-15));
  }

  /**
   * Areas are 1e-7 to 2e-4. The alias method's shares are up to 370, with as many roundings as
   * wedges: 1e-12 of an area.
   */
  @Test
  void aliasTableHasTheAreas() {
    double[] drawn = drawn();
    double wedges = REST * (1 - NormalLayers.TAIL);
    for (int i = 0; i < LAYERS; i++) {
      assertThat(drawn[i] * wedges).isCloseTo(area(i), within(1e-16));
    }
  }

  /**
   * P(rectangles) · their density + P(wedge) · its density = f, at 41 points of each wedge; of the
   * density of a wedge, 1e-12 is rounding.
   */
  @Test
  void rectanglesAndRestAddUpToTheDensity() {
    double[] drawn = drawn();
    double[] heights = heights();
    for (int i = 0; i < LAYERS; i++) {
      double scale = REST * (1 - NormalLayers.TAIL) * drawn[i] / area(i);
      for (int j = 0; j <= 40; j++) {
        double f = NormalLayers.density(low(i) + j / 40.0 * width(i));
        assertThat(heights[i] + scale * (f - base(i))).isCloseTo(f, within(2e-15));
      }
    }
  }

  /** Were it further, a point above the curve would be accepted, or one below it never proposed. */
  @Test
  void theCurveIsWithinItsMarginOfTheChord() {
    double nearest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < LAYERS; i++) {
      double margin = wedge(i, NormalLayers.MARGIN);
      double rounding = 4e-16 / height(i);
      double furthest = 0;
      for (int j = 0; j <= 400; j++) {
        double u = j / 400.0;
        double v = (NormalLayers.density(low(i) + u * width(i)) - base(i)) / height(i);
        furthest = Math.max(furthest, Math.abs(v - (1 - u)));
      }
      assertThat(furthest).isLessThanOrEqualTo(margin + rounding);
      assertThat(margin).as("wedge %d must stay a triangle", i).isBetween(0.0, 0.3);
      nearest = Math.min(nearest, margin / furthest);
    }
    assertThat(nearest).as("no smaller margin would do").isLessThan(1.01);
  }
}
