package dev.lathe;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the time of loading a model went. Stages that overlap are told each by its own clock: they may add up to more
 * than the total.
 *
 * @param file opening the files and reading their metadata; zero where the caller opened them
 * @param tokenizer the tables of the vocabulary and its merges, made by another thread while weights are packed
 * @param weights reading the weights and packing them into tiles
 * @param total from the call to the loaded model
 * @param weightBytes the packed weights of all linear layers
 * @param packed the file that they were read from, if they were kept
 */
public record LoadReport(
        Duration file, Duration tokenizer, Duration weights, Duration total, long weightBytes, Optional<Path> packed) {
    /** Of a model that was made of parts. */
    static final LoadReport NONE =
            new LoadReport(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0, Optional.empty());

    /** Of stages by nanoseconds. */
    static LoadReport ofNanos(
            long file, long tokenizer, long weights, long total, long weightBytes, Optional<Path> packed) {
        return new LoadReport(
                Duration.ofNanos(file),
                Duration.ofNanos(tokenizer),
                Duration.ofNanos(weights),
                Duration.ofNanos(total),
                weightBytes,
                packed);
    }
}
