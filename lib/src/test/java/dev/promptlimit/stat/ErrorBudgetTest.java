package dev.promptlimit.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorBudgetTest {
  private static final ErrorBudget BUDGET = new ErrorBudget(0.01);

  @ParameterizedTest
  @CsvSource({"1, 2", "2, 12", "3, 48", "4, 48", "5, 160", "1024, 135168", "1025, 319488"})
  void membersShareEqually(int members, double parts) {
    assertThat(BUDGET.mean(members)).isCloseTo(0.005 / parts, within(1e-17));
    assertThat(BUDGET.tail(members)).isCloseTo(0.0025 / parts, within(1e-17));
    assertThat(BUDGET.test(members)).isCloseTo(0.0025 / parts, within(1e-17));
  }

  /** At most 2^k members are ever judged at the level of stage k. */
  @Test
  void allStagesOfGrowthTogetherCostTheFamilyError() {
    double sum = 0;
    for (int stage = 0; stage <= 30; stage++) {
      int members = 1 << stage;
      sum += members * (BUDGET.mean(members) + BUDGET.tail(members) + BUDGET.test(members));
      assertThat(BUDGET.mean(members / 2 + 1)).isEqualTo(BUDGET.mean(members));
    }
    assertThat(sum).isCloseTo(0.01 * 31 / 32, within(1e-15));
    assertThat(BUDGET.mean(Integer.MAX_VALUE)).isPositive();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.5, Double.NaN, Double.POSITIVE_INFINITY})
  void needsAProbability(double familyError) {
    assertThatThrownBy(() -> new ErrorBudget(familyError))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot share an error: family error = " + familyError);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void needsAMember(int members) {
    String message = "Cannot share an error: " + members + " members";
    assertThatThrownBy(() -> BUDGET.mean(members))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> BUDGET.tail(members)).hasMessage(message);
    assertThatThrownBy(() -> BUDGET.test(members)).hasMessage(message);
  }
}
