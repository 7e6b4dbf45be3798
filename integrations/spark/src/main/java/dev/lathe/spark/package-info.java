/**
 * Models over datasets of Apache Spark: {@link dev.lathe.spark.SparkModel} generates, embeds and scores rows and sums
 * calibration statistics, with one model in each executor. The same rows have the same results to the bit, however they
 * are partitioned and however often a task is tried.
 *
 * <p>May import Lathe and Spark's interfaces for Java.
 */
package dev.lathe.spark;
