package dev.lathe.model;

/**
 * How a state stores keys and values. Numbers are rounded once, when stored; attention itself computes in float32, so
 * that each type gives the same bits whatever the batch, the threads and the vectors.
 */
public enum CacheType {
    /** float32: exact. */
    F32(32),
    /** IEEE half precision: half the memory. */
    F16(16),
    /** 8-bit integers with a scale for 32 dimensions of a head: about a quarter of the memory. */
    Q8_0(8.5),
    /** 4-bit integers with a scale for 32 dimensions of a head: about a seventh of the memory. */
    Q4_0(4.5);

    private final double bitsPerNumber;

    CacheType(double bitsPerNumber) {
        this.bitsPerNumber = bitsPerNumber;
    }

    /** Bits of memory a number takes, in heads whose size is a multiple of 32; others end with a shorter block. */
    public double bitsPerNumber() {
        return bitsPerNumber;
    }
}
