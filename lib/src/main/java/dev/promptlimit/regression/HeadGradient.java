package dev.promptlimit.regression;

import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * A function of a head (U, V) of one output and its partial derivatives.
 *
 * @param value the function's value
 * @param u its derivatives in the entries of U, (d+1) × (d+1); the last column is 0
 * @param v its derivatives in the entries of v, the one row of V, d + 1 entries
 */
public record HeadGradient(double value, RealMatrix u, RealVector v) {}
