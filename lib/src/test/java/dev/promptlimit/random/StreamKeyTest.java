package dev.promptlimit.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StreamKeyTest {
  /*
   * By Python 3.11.7:
   *
   *   import hashlib, struct
   *   def state(seed, cell, block, substream, lane, version=2):
   *       message = (b"promptlimit" + struct.pack(">5q", version, seed, block, substream, lane)
   *                  + cell.encode())
   *       return struct.unpack(">4Q", hashlib.sha256(message).digest())
   */
  static Stream<Arguments> knownStates() {
    return Stream.of(
        Arguments.of(
            new StreamKey(0, "", 0, 0),
            0,
            "576a5bfc0ec6cb6e 10c1062713df9abb 922e2d806e16142e 357700a3ba00f0bf"),
        Arguments.of(
            new StreamKey(1, "cell", 2, 3),
            15,
            "30e534d981ddfece ee3410d9fb80b508 663ef25cc8f3fc2d a9e18ad067ed7ba9"),
        Arguments.of(
            new StreamKey(-1, "Γ-α", Long.MAX_VALUE, 1),
            7,
            "96c710344d2655b8 4f3da89a667c9d9c cf8a748a4d34a5b6 1fa4b4d76715d47d"),
        Arguments.of(
            new StreamKey(20260101, "cell-a", 5, 1),
            0,
            "da7dd5811e6b7ecf 238d312ec616ee17 97d230537058ac47 54501cee42a64905"),
        Arguments.of(
            new StreamKey(1, "cell", 2, 3).companion(), // substream −4
            15,
            "4314e0a201256302 a936dbd0f4446f81 7d5416127233c6d1 a3b7ade38747db75"));
  }

  @ParameterizedTest
  @MethodSource("knownStates")
  void stateIsTheHashOfTheName(StreamKey key, int lane, String words) {
    assertThat(StreamKey.STREAM_VERSION)
        .as("the known states are those of version 2: compute them anew")
        .isEqualTo(2);
    assertThat(
            LongStream.of(key.state(lane))
                .mapToObj(word -> String.format(Locale.ROOT, "%016x", word)))
        .containsExactly(words.split(" ", -1));
  }

  @Test
  void everyPartOfTheNameCounts() {
    StreamKey key = new StreamKey(1, "1", 1, 1);
    List<StreamKey> others =
        List.of(
            new StreamKey(2, "1", 1, 1),
            new StreamKey(1, "2", 1, 1),
            new StreamKey(1, "11", 1, 1),
            new StreamKey(1, "", 1, 1),
            new StreamKey(1, "1", 2, 1),
            new StreamKey(1, "1", 1, 2));
    for (StreamKey other : others) {
      for (int lane = 0; lane < 16; lane++) {
        assertThat(other.state(lane)).isNotEqualTo(key.state(lane));
      }
    }
  }

  @Test
  void lanesBlocksAndSubstreamsAllStartApart() {
    List<String> states =
        LongStream.range(0, 100)
            .boxed()
            .flatMap(
                block ->
                    Stream.of(0L, 1L)
                        .map(substream -> new StreamKey(1, "cell", block, substream))
                        .flatMap(key -> Stream.of(0, 1, 14, 15).map(key::state)))
            .map(Arrays::toString)
            .toList();
    assertThat(states).hasSize(800).doesNotHaveDuplicates();
  }

  @Test
  void namesBlocksAndTheirSubstreams() {
    StreamKey block = StreamKey.ofBlock(3, "cell", 4);
    assertThat(block).isEqualTo(new StreamKey(3, "cell", 4, 0));
    assertThat(block.withSubstream(5)).isEqualTo(new StreamKey(3, "cell", 4, 5));
  }

  /** Nothing but a companion has a negative substream, so no two streams share a name. */
  @Test
  void companionsArePairedAndNoSubstreams() {
    for (long substream : new long[] {0, 1, 2, 1L << 32, Long.MAX_VALUE}) {
      StreamKey key = new StreamKey(3, "cell", 4, substream);
      StreamKey companion = key.companion();
      assertThat(companion.substream()).isNegative();
      assertThat(companion.companion()).isEqualTo(key);
      assertThat(companion)
          .isEqualTo(new StreamKey(3, "cell", 4, companion.substream())); // of the same block
    }
    assertThat(LongStream.range(0, 1000).map(StreamKeyTest::companion).distinct()).hasSize(1000);
  }

  private static long companion(long substream) {
    return new StreamKey(3, "cell", 4, substream).companion().substream();
  }
}
