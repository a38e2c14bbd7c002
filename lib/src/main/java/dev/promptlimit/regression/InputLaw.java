package dev.promptlimit.regression;

import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;
import java.util.Optional;

/**
 * The law of the independent coordinates ε_i of an input x = Σ^{1/2}ε, each of mean 0 and variance
 * 1. Closed forms exist for the first one only; the others are for training by simulation.
 */
public enum InputLaw {
  /** Normal. */
  GAUSSIAN("gaussian") {
    @Override
    TokenSampler sampler(StreamKey key, int d) {
      return TokenSampler.gaussian(key, d);
    }
  },
  /** ±1. */
  RADEMACHER("rademacher") {
    @Override
    TokenSampler sampler(StreamKey key, int d) {
      return TokenSampler.rademacher(key, d, 1);
    }
  },
  /** Uniform on [−√3, √3). */
  UNIFORM("uniform") {
    @Override
    TokenSampler sampler(StreamKey key, int d) {
      return TokenSampler.cube(key, d, Math.sqrt(3));
    }
  },
  /** Of density e^{−√2|x|}/√2. */
  LAPLACE("laplace") {
    @Override
    TokenSampler sampler(StreamKey key, int d) {
      return TokenSampler.laplace(key, d, Math.sqrt(0.5));
    }
  };

  private final String id;

  InputLaw(String id) {
    this.id = id;
  }

  /** The name used in files. */
  public String id() {
    return id;
  }

  /** The law of that name. */
  public static Optional<InputLaw> of(String id) {
    return Arrays.stream(values()).filter(law -> law.id.equals(id)).findFirst();
  }

  /** Draws vectors of d such coordinates. */
  abstract TokenSampler sampler(StreamKey key, int d);
}
