package dev.promptlimit.attention;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;

/** The query z of each prompt and its tilt a = Uz. */
final class TiltedQuery {
  private final QueryDraw draw;
  private final ColumnMatrix u;
  private final double[] z;
  private final double[] a;

  TiltedQuery(QueryDraw draw, Head head) {
    this.draw = draw;
    u = ColumnMatrix.of(head.u());
    z = new double[head.dimension()];
    a = new double[head.dimension()];
  }

  /** Begins a block. */
  void begin(StreamKey block) {
    draw.begin(block);
  }

  /** Draws the next query. */
  void next(NormalStream normals) {
    draw.next(normals, z);
    u.multiply(z, 0, a, 0);
  }

  /** The tilt a = Uz; overwritten by the next query. */
  double[] tilt() {
    return a;
  }

  /** ‖z‖². */
  double squaredNorm() {
    return ColumnMatrix.dot(z, 0, z, 0, z.length);
  }
}
