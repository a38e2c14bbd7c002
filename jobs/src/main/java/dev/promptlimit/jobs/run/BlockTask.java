package dev.promptlimit.jobs.run;

import java.io.Serializable;
import java.util.List;

/**
 * What one Spark task simulates.
 *
 * @param spans blocks, simulated in this order
 */
record BlockTask(List<BlockSpan> spans) implements Serializable {
  BlockTask {
    spans = List.copyOf(spans);
  }
}
