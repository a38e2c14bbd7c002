package dev.promptlimit.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Supplier;

/** How a consumer cuts its calls must not matter. */
final class Cutting {
  private static final int N = 20_000;

  private Cutting() {}

  /**
   * @param whole what one call gave, at least N numbers
   */
  static void changesNothing(Supplier<NumberStream> streams, double[] whole) {
    for (int[] sizes :
        new int[][] {
          {1}, {2, 3, 5}, {511}, {512}, {513}, {1023}, {100, 512, 0, 1024, 7}, {300, 3000}, {N}
        }) {
      NumberStream stream = streams.get();
      double[] pieces = new double[N + 2]; // one more at each end, to see that nothing is written
      int done = 0;
      for (int i = 0; done < N; i++) {
        int size = Math.min(sizes[i % sizes.length], N - done);
        stream.fill(pieces, 1 + done, size);
        assertThat(pieces[1 + done + size]).isEqualTo(0);
        done += size;
      }
      assertThat(Arrays.copyOfRange(pieces, 1, N + 1))
          .as("calls of %s", Arrays.toString(sizes))
          .isEqualTo(Arrays.copyOf(whole, N));
      assertThat(pieces[0]).isEqualTo(0);
    }
  }
}
