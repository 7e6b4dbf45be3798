package dev.lathe.lab.choose;

import dev.lathe.model.CacheType;
import java.util.List;

/**
 * Settings for a kind of device, by its memory and cores: what a model may take of the memory, how long texts are, how
 * keys and values are kept. A start for {@link Variants#best}, not a measurement.
 *
 * @param name of the kind
 * @param memoryBytes memory that such a device has at least
 * @param cores that it has at least
 * @param modelShare of the memory that weights, keys and values may take
 * @param contextLength tokens of a text
 * @param cacheType of keys and values
 */
public record DevicePreset(
        String name, long memoryBytes, int cores, double modelShare, int contextLength, CacheType cacheType) {
    private static final long GIGABYTE = 1_000_000_000;

    /** From the smallest kind to the largest. */
    public static final List<DevicePreset> ALL = List.of(
            new DevicePreset("board", GIGABYTE / 2, 1, 0.4, 512, CacheType.Q4_0),
            new DevicePreset("phone", 4 * GIGABYTE, 4, 0.35, 2048, CacheType.Q8_0),
            new DevicePreset("laptop", 8 * GIGABYTE, 2, 0.5, 4096, CacheType.F16),
            new DevicePreset("workstation", 32 * GIGABYTE, 8, 0.7, 8192, CacheType.F16),
            new DevicePreset("server", 128 * GIGABYTE, 16, 0.8, 32768, CacheType.F16));

    /**
     * The largest kind that a device reaches in memory and cores.
     *
     * @throws IllegalArgumentException if it is below the smallest
     */
    public static DevicePreset of(long memoryBytes, int cores) {
        return ALL.reversed().stream()
                .filter(preset -> preset.memoryBytes <= memoryBytes && preset.cores <= cores)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(memoryBytes + " bytes and " + cores
                        + " cores: expected at least " + ALL.getFirst().memoryBytes + " bytes and one core"));
    }

    /** Bytes that a model may take on a device of this kind with so much memory. */
    public long modelBytes(long memoryBytes) {
        return (long) (memoryBytes * modelShare);
    }
}
