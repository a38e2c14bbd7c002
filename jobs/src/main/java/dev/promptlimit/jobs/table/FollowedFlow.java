package dev.promptlimit.jobs.table;

import dev.promptlimit.regression.HeadFlow;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A flow of one prompt length.
 *
 * @param states its states; none if it could not be followed
 * @param problem why it could not, empty if it could
 */
public record FollowedFlow(List<HeadFlow.State> states, String problem) implements Serializable {
  /** A flow that was followed to its end. */
  public static FollowedFlow of(List<HeadFlow.State> states) {
    return new FollowedFlow(new ArrayList<>(states), "");
  }

  /** One that was not. */
  public static FollowedFlow failed(String problem) {
    return new FollowedFlow(new ArrayList<>(), problem);
  }
}
