package dev.promptlimit.random;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The name of a random stream: (experiment seed, cell key, block index, substream).
 *
 * <p>Lane i of the stream starts at the state SHA-256("promptlimit" ‖ version ‖ seed ‖ block ‖
 * substream ‖ i ‖ cell), four big-endian words; integers are 8 bytes, the cell key is UTF-8 and
 * comes last, so that different names give different messages.
 *
 * <p>Overlap: the states behave as independent uniform draws from the 2²⁵⁶ − 1 states of a
 * generator with that period, so the chance that any two of n lanes of length ℓ meet is below n² ℓ
 * / 2²⁵⁶. A run of 10¹² prompts of 10⁹ tokens in 1000 dimensions, even in 10¹⁵ lanes of length
 * 10¹⁵, stays under 10⁻³¹.
 *
 * @param seed the experiment's seed
 * @param cell the key of the cell, a hash of its content
 * @param block index of the block within the cell, ≥ 0
 * @param substream which of the block's streams, ≥ 0, see the samplers
 */
public record StreamKey(long seed, String cell, long block, long substream) {
  /** Raised whenever simulated bits change; part of the identity of a run directory. */
  public static final int STREAM_VERSION = 2;

  private static final String DOMAIN = "promptlimit";

  /** The key of a block; its streams are {@link #withSubstream}. */
  public static StreamKey ofBlock(long seed, String cell, long block) {
    return new StreamKey(seed, cell, block, 0);
  }

  /** The same block's stream number {@code i}. */
  public StreamKey withSubstream(long i) {
    return new StreamKey(seed, cell, block, i);
  }

  /** The stream beside this one, for draws that take a random number of words; an involution. */
  StreamKey companion() {
    return withSubstream(~substream);
  }

  /** The four words at which lane {@code lane} starts, never all 0. */
  long[] state(int lane) {
    byte[] name = cell.getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = ByteBuffer.allocate(DOMAIN.length() + 5 * Long.BYTES + name.length);
    message.put(DOMAIN.getBytes(StandardCharsets.US_ASCII));
    message.putLong(STREAM_VERSION).putLong(seed).putLong(block).putLong(substream).putLong(lane);
    message.put(name);
    ByteBuffer hash = ByteBuffer.wrap(sha256().digest(message.array()));
    long[] state = {hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong()};
    if ((state[0] | state[1] | state[2] | state[3]) == 0) {
      state[0] = 1; // the one state the generator cannot leave; chance 2⁻²⁵⁶
    }
    return state;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
