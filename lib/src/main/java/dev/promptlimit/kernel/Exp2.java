package dev.promptlimit.kernel;

/**
 * How both twins compute 2^t: the definition of the softmax weights of this project.
 *
 * <p>t = k + f with k the nearest integer, |f| ≤ ½, and 2^f = 1 + f P₁₀(f). The coefficients
 * interpolate (2^f − 1)/f at eleven Chebyshev nodes of [−½, ½], computed with 60 digits and then
 * rounded; relative error of the rounded polynomial in exact arithmetic 2.0e-17. Adding 1.5·2⁵²
 * rounds t to k and leaves k in the low bits of the sum, from where a shift moves it to the
 * exponent.
 *
 * <p>Error of the computed value: 0.90 ulps where t is a double, 1.02 where it is the exact product
 * of two, which the rounding of f adds to. These are the worst of about 10⁹ random arguments.
 *
 * <p>Only IEEE additions, products and fused products, so that the bits are the same everywhere.
 */
final class Exp2 {
  /** Rounds a small double to an integer, which the low bits of the sum then hold. */
  static final double ROUND = 0x1.8p52;

  /**
   * Below this exponent a weight counts as 0. Its square, times the squares of coordinates as small
   * as 2⁻⁷⁹, is then still a normal double; and sums of up to 10¹² such weights beside the largest
   * one, which is 1, would not reach its last bit.
   */
  static final double LEAST = -400;

  static final double C11 = 0x1.e9d3fe3952179p-32;
  static final double C10 = 0x1.e6063f7217bc6p-28;
  static final double C9 = 0x1.b524fae627834p-24;
  static final double C8 = 0x1.62bfd47773353p-20;
  static final double C7 = 0x1.ffcbfc670dcd4p-17;
  static final double C6 = 0x1.430913096fd9fp-13;
  static final double C5 = 0x1.5d87fe78a5276p-10;
  static final double C4 = 0x1.3b2ab6fba1ddap-7;
  static final double C3 = 0x1.c6b08d704a0c2p-5;
  static final double C2 = 0x1.ebfbdff82c598p-3;
  static final double C1 = 0x1.62e42fefa39efp-1;

  private Exp2() {}
}
