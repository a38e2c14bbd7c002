package dev.promptlimit.measure;

import java.io.Serializable;

/**
 * Draws an index with given probabilities from one uniform 64-bit word, in constant time (A. J.
 * Walker, ACM TOMS 3, 1977; the table as M. D. Vose, IEEE Trans. Software Eng. 17, 1991, builds
 * it).
 *
 * <p>Of the 128-bit product of the word and n, the upper half is a column, each of the n with equal
 * probability up to 2⁻⁶⁴, and the lower half a uniform number that decides between the column's own
 * index and its alias. Probabilities are realised up to about 2⁻⁵³ of 1/n.
 */
final class AliasTable implements Serializable {
  private static final long serialVersionUID = 1;

  private final int[] alias;
  private final long[] bounds; // as unsigned fractions of 2⁶⁴, below them the column's own index

  /**
   * @param probabilities each ≥ 0, with sum 1
   */
  AliasTable(double[] probabilities) {
    int n = probabilities.length;
    alias = new int[n];
    bounds = new long[n];
    double[] heights = new double[n];
    int[] stack = new int[n]; // too low ones from the bottom, the others from the top
    int low = 0;
    int high = n;
    for (int k = 0; k < n; k++) {
      alias[k] = k; // stays where rounding leaves a column over
      heights[k] = n * probabilities[k];
      if (heights[k] < 1) {
        stack[low++] = k;
      } else {
        stack[--high] = k;
      }
    }
    while (low > 0 && high < n) {
      int lower = stack[--low];
      int higher = stack[high];
      alias[lower] = higher;
      bounds[lower] = (long) (heights[lower] * 0x1p63) << 1;
      heights[higher] -= 1 - heights[lower];
      if (heights[higher] < 1) {
        high++;
        stack[low++] = higher;
      }
    }
  }

  /** Number of indices. */
  int size() {
    return alias.length;
  }

  /** The index of this word. */
  int index(long word) {
    long n = alias.length;
    // the upper half of the product, of the word without its sign
    int column = (int) (Math.multiplyHigh(word, n) + (word >> 63 & n));
    return Long.compareUnsigned(word * n, bounds[column]) < 0 ? column : alias[column];
  }
}
