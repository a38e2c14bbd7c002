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
   *   def state(seed, cell, block, substream, lane, version=1):
   *       message = (b"promptlimit" + struct.pack(">5q", version, seed, block, substream, lane)
   *                  + cell.encode())
   *       return struct.unpack(">4Q", hashlib.sha256(message).digest())
   */
  static Stream<Arguments> knownStates() {
    return Stream.of(
        Arguments.of(
            new StreamKey(0, "", 0, 0),
            0,
            "03e67c67fc34ba75 6c4ca3059016d2c6 41fb078bfd91ef4b 68c1d0b8a08ffbd8"),
        Arguments.of(
            new StreamKey(1, "cell", 2, 3),
            15,
            "fdaa1b9ba90058ff c2d5f9e11fb3bc89 686f552e8aa9e263 ed3a9cfc1bb25e06"),
        Arguments.of(
            new StreamKey(-1, "Γ-α", Long.MAX_VALUE, 1),
            7,
            "8c3e9e248ba80c9b d5be30d699d37d99 71d6442b2dec3489 5cce17a99ce50341"),
        Arguments.of(
            new StreamKey(20260101, "cell-a", 5, 1),
            0,
            "12e9d762ba826b8e 2339006b12b4864c 3e1ef99bfc85c8c9 6372e3a5e1b10e59"));
  }

  @ParameterizedTest
  @MethodSource("knownStates")
  void stateIsTheHashOfTheName(StreamKey key, int lane, String words) {
    assertThat(StreamKey.STREAM_VERSION)
        .as("the known states are those of version 1: compute them anew")
        .isEqualTo(1);
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
}
