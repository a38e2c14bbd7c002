package dev.promptlimit.measure;

import dev.promptlimit.random.NormalStream;
import org.hipparchus.linear.RealMatrix;

/**
 * The root R, d × d, of the covariance Γ = RRᵀ of a prompt's Gaussian tokens; any root, not
 * necessarily the symmetric one. It keeps the state of one prompt; for one thread.
 */
public interface TokenRoot {
  /**
   * Goes on to the next prompt.
   *
   * @param prompts the stream of what is drawn once a prompt
   * @return whether R is another one now
   */
  boolean next(NormalStream prompts);

  /** R. */
  RealMatrix matrix();

  /** Γ. */
  RealMatrix covariance();

  /** y = Rx over d items; x and y must not overlap. */
  void multiply(double[] x, int xFrom, double[] y, int yFrom);

  /** y = Rᵀx over d items; x and y must not overlap. */
  void multiplyTransposed(double[] x, int xFrom, double[] y, int yFrom);

  /** The symmetric root of one covariance for all prompts. */
  static TokenRoot of(Covariance covariance) {
    return new TokenRoot() {
      @Override
      public boolean next(NormalStream prompts) {
        return false;
      }

      @Override
      public RealMatrix matrix() {
        return covariance.root();
      }

      @Override
      public RealMatrix covariance() {
        return covariance.matrix();
      }

      @Override
      public void multiply(double[] x, int xFrom, double[] y, int yFrom) {
        covariance.multiplyRoot(x, xFrom, y, yFrom);
      }

      @Override
      public void multiplyTransposed(double[] x, int xFrom, double[] y, int yFrom) {
        covariance.multiplyRoot(x, xFrom, y, yFrom);
      }
    };
  }
}
