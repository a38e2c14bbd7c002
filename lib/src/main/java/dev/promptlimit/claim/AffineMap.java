package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Gaussian;
import org.hipparchus.linear.RealMatrix;

/** What attention on an infinite prompt of Gaussian tokens is claimed to do. */
interface AffineMap {
  /** T[μ](z), p entries. */
  double[] output(Gaussian tokens, Head head, double[] z);

  /** Mean of T[μ](z) for z distributed as the tokens are, p entries. */
  double[] mean(Gaussian tokens, Head head);

  /** Its covariance, p × p. */
  RealMatrix covariance(Gaussian tokens, Head head);

  /** Lemma 2.1: V(m + ΓUz), of mean V(m + ΓUm) and covariance VΓUΓUᵀΓVᵀ. */
  AffineMap PUBLISHED =
      new AffineMap() {
        @Override
        public double[] output(Gaussian tokens, Head head, double[] z) {
          double[] inner = tokens.covariance().multiply(head.u().operate(z));
          double[] mean = tokens.mean();
          for (int i = 0; i < inner.length; i++) {
            inner[i] += mean[i];
          }
          return head.v().operate(inner);
        }

        @Override
        public double[] mean(Gaussian tokens, Head head) {
          return output(tokens, head, tokens.mean());
        }

        @Override
        public RealMatrix covariance(Gaussian tokens, Head head) {
          RealMatrix gamma = tokens.covariance().matrix();
          RealMatrix linear = head.v().multiply(gamma).multiply(head.u());
          return linear.multiply(gamma).multiplyTransposed(linear);
        }
      };
}
