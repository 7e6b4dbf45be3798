package dev.lathe.tensor.store;

import java.time.Duration;

/**
 * What was read of weights under a limit until now.
 *
 * @param bytes in all
 * @param bytesAround of these, that were read around the system's page cache, where that was faster or was tried
 * @param time that reads took; those at the same time each by its own clock
 */
public record WeightReading(long bytes, long bytesAround, Duration time) {}
