package dev.promptlimit.jobs;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;

/** Copies a directory to a disk, with Spark's settings of file systems; for child JVMs. */
final class CopyFromStore {
  private CopyFromStore() {}

  /** From a URI to a local path. */
  public static void main(String[] arguments) throws Exception {
    Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
    Path from = new Path(arguments[0]);
    FileSystem store = FileSystem.get(from.toUri(), hadoop);
    store.copyToLocalFile(false, from, new Path(arguments[1]), true);
  }
}
