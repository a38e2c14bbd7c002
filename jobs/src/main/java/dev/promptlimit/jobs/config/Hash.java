package dev.promptlimit.jobs.config;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names for content. */
final class Hash {
  private Hash() {}

  /** The first digits of the SHA-256 of a text, in hexadecimal. */
  static String of(String text, int digits) {
    byte[] hash = sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash).substring(0, digits);
  }

  /** The SHA-256 of the bits of numbers, −0 being 0, in hexadecimal. */
  static String of(double[] first, double[][] rows) {
    MessageDigest digest = sha256();
    update(digest, first);
    for (double[] row : rows) {
      update(digest, row);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, double[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(numbers.length, Double.BYTES));
    for (double x : numbers) {
      bytes.putDouble(x == 0 ? 0.0 : x);
    }
    digest.update(bytes.array());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
