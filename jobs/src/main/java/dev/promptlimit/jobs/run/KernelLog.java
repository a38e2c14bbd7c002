package dev.promptlimit.jobs.run;

import dev.promptlimit.kernel.Kernels;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once in each virtual machine, the driver's and the executors', which kernels it has. */
final class KernelLog {
  private static final Logger LOG = LoggerFactory.getLogger(KernelLog.class);
  private static final AtomicBoolean SAID = new AtomicBoolean();

  private KernelLog() {}

  static void say() {
    if (!SAID.compareAndSet(false, true)) {
      return;
    }
    if (Kernels.vectorised()) {
      LOG.info("Kernels: {}", Kernels.description());
      if (!Kernels.compiledAlone()) {
        LOG.warn("This Java takes no compiler directives: kernels may be several times slower");
      }
    } else {
      LOG.warn(
          "Kernels: {}, several times slower than vectors; those need java"
              + " --add-modules=jdk.incubator.vector",
          Kernels.description());
    }
  }
}
