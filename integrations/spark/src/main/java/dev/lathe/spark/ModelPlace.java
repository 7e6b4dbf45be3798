package dev.lathe.spark;

import java.io.Serializable;
import java.nio.file.Path;
import org.apache.spark.SparkFiles;

/**
 * Where an executor finds a model, and how it loads it.
 *
 * @param file a path on each executor, or the name of a file that Spark distributes
 * @param isDistributed whether it is such a name
 * @param threads threads that compute in each executor; 0 for its machine's cores
 * @param packed a folder on each executor that keeps packed weights; null for none
 */
record ModelPlace(String file, boolean isDistributed, int threads, String packed) implements Serializable {
    Path path() {
        return Path.of(isDistributed ? SparkFiles.get(file) : file);
    }
}
