package dev.promptlimit.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.promptlimit.attention.Setting;
import dev.promptlimit.claim.Claim;
import dev.promptlimit.claim.Claims;
import dev.promptlimit.claim.Fixture;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.random.StreamKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The key of a fixture is made of its name and not of what it holds: that must not change. */
class FixtureTest {
  /** Key, name, length; the first two draws of each measure, matrices. */
  private static final String RECORDED =
      """
      fc6caedff58e70fd9fdc5d29a6e8cc82 prop-3.1-literal L = 1
        tokens Gaussian[0.314185, 0.951514] limit Gaussian[0.314185, 0.951514]
        queries Gaussian[0.314185, 0.951514] U [[0.0]] V [[1.0]]
      c3fd6542cf3f4d6639ab9e86511a5245 prop-3.4-v-literal L = 1
        tokens Gaussian[0.314185, 0.951514] limit Gaussian[0.314185, 0.951514]
        queries Gaussian[0.314185, 0.951514] U [[0.0]] V [[1.0]]
      93f84bd87a524f5aad4c691bf836b05a prop-3.4-u-literal L = 1
        tokens Gaussian[0.314185, 0.951514] limit Gaussian[0.314185, 0.951514]
        queries Gaussian[0.314185, 0.951514] U [[0.0]] V [[1.0]]
      6625cbca73f90902486471a9e10b2b7a control-rademacher L = 16
        tokens Rademacher[-1.000000, 1.000000] limit Gaussian[0.314185, 0.951514]
        queries Gaussian[1.000000, 1.000000] U [[2.0]] V [[1.0]]
      8641deaa991d5ab5f927b1231c4fea94 control-rademacher L = 256
        tokens Rademacher[-1.000000, 1.000000] limit Gaussian[0.314185, 0.951514]
        queries Gaussian[1.000000, 1.000000] U [[2.0]] V [[1.0]]
      63f4f71cb0753ec232fc67a43d2bb9aa control-rademacher L = 4096
        tokens Rademacher[-1.000000, 1.000000] limit Gaussian[0.314185, 0.951514]
        queries Gaussian[1.000000, 1.000000] U [[2.0]] V [[1.0]]
      ab23d2504cdcd0ce5e48864940569b69 control-covariance L = 16
        tokens Gaussian[0.271274, 0.955737, -0.038874, 0.383031] limit Gaussian[0.314185, 0.951514, -0.124431, 0.141586]
        queries Gaussian[1.000000, 1.000000, -1.000000, -1.000000] U [[1.0, 0.0], [0.0, 1.0]] V [[1.0, 0.0], [0.0, 1.0]]
      71dfd11c75d39fd32457255789290238 control-covariance L = 256
        tokens Gaussian[0.271274, 0.955737, -0.038874, 0.383031] limit Gaussian[0.314185, 0.951514, -0.124431, 0.141586]
        queries Gaussian[1.000000, 1.000000, -1.000000, -1.000000] U [[1.0, 0.0], [0.0, 1.0]] V [[1.0, 0.0], [0.0, 1.0]]
      a7b50d4c6c4c4689f112a6aa8f980ea4 control-covariance L = 4096
        tokens Gaussian[0.271274, 0.955737, -0.038874, 0.383031] limit Gaussian[0.314185, 0.951514, -0.124431, 0.141586]
        queries Gaussian[1.000000, 1.000000, -1.000000, -1.000000] U [[1.0, 0.0], [0.0, 1.0]] V [[1.0, 0.0], [0.0, 1.0]]
      dbe59cb5e37d18a8ee2d4ab412d1df9c control-student-t L = 16
        tokens StudentT[0.054967, 1.332505] limit StudentT[0.054967, 1.332505]
        queries Gaussian[0.314185, 0.951514] U [[1.0]] V [[1.0]]
      """;

  private static final StreamKey STREAM = StreamKey.ofBlock(1, "fixture", 0);

  @Test
  void namesStandForTheirContentForGood() {
    StringBuilder found = new StringBuilder();
    for (Claim claim : Claims.all()) {
      for (Fixture fixture : claim.fixtures()) {
        Setting setting = fixture.setting();
        found.append(
            String.format(
                Locale.ROOT,
                "%s %s L = %d%n  tokens %s limit %s%n  queries %s U %s V %s%n",
                Cell.of(claim, fixture).key(),
                fixture.name(),
                setting.promptLength(),
                twoOf(setting.tokens()),
                twoOf(setting.limit()),
                twoOf(setting.queries()),
                Arrays.deepToString(setting.head().u().getData()),
                Arrays.deepToString(setting.head().v().getData())));
      }
    }
    assertThat(found.toString())
        .as(
            "Ledgers hold blocks of fixtures under these keys. A new fixture is added to what is"
                + " recorded; one that no longer holds what its record says gets another name.")
        .isEqualToNormalizingNewlines(RECORDED);
  }

  /** The name of a measure and its first two draws. */
  private static String twoOf(TokenMeasure measure) {
    int d = measure.dimension();
    double[] x = new double[d * SoftmaxSums.STRIDE];
    measure.sampler(STREAM).fill(x, 2);
    List<String> two = new ArrayList<>();
    for (int i = 0; i < d; i++) {
      for (int token = 0; token < 2; token++) {
        two.add(String.format(Locale.ROOT, "%.6f", x[i * SoftmaxSums.STRIDE + token]));
      }
    }
    return measure.getClass().getSimpleName() + two;
  }
}
