package dev.promptlimit.jobs.evaluate;

import dev.promptlimit.theory.UniversalFunctions;
import dev.promptlimit.theory.UniversalQuadrature;

/** The universal functions of {@code {s, L}}, with estimates of their errors. */
final class UniversalItem {
  private UniversalItem() {}

  static Answer answer(Field item) {
    double s =
        item.get("s")
            .number(
                0, UniversalQuadrature.MAX_S, "a number from 0 to " + UniversalQuadrature.MAX_S);
    UniversalQuadrature.Estimate estimate = UniversalQuadrature.evaluate(s, promptLength(item));
    UniversalFunctions at = estimate.value();
    UniversalFunctions error = estimate.error();
    Answer answer = new Answer().repeat(item, "s").repeat(item, "L");
    put(answer, at, at.bias(), at.gPrime());
    // bias and G' are sums of the others, and so are the bounds of their errors.
    put(
        answer.nested("estimated_error"),
        error,
        s * error.g(),
        2 * s * (2 * error.phi3() + error.phi4() + error.g()));
    return answer;
  }

  private static void put(Answer answer, UniversalFunctions at, double bias, double gPrime) {
    answer
        .put("bias", bias)
        .put("F", at.f())
        .put("G", at.g())
        .put("phi1", at.phi1())
        .put("phi2", at.phi2())
        .put("phi3", at.phi3())
        .put("phi4", at.phi4())
        .put("phi5", at.phi5())
        .put("F_prime", at.fPrime())
        .put("G_prime", gPrime);
  }

  /** The prompt length of an item. */
  static double promptLength(Field item) {
    return item.get("L").count(UniversalQuadrature.MAX_PROMPT_LENGTH);
  }

  /** The functions at the score standard deviation of a query. */
  static UniversalFunctions at(double s, Field query, double promptLength) {
    if (!(s <= UniversalQuadrature.MAX_S)) {
      throw new IllegalArgumentException(
          query.path()
              + ": the score standard deviation is "
              + s
              + ", allowed: 0 to "
              + UniversalQuadrature.MAX_S);
    }
    return UniversalQuadrature.evaluate(s, promptLength).value();
  }
}
