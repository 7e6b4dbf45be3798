package dev.lathe.tensor.kernel.machine;

/** Kinds of processors that code is written for; from the plainest to the best. */
public enum Target {
    /** Vectors of 256 bits; pairs of bytes are multiplied and added to 16 bits. */
    AVX2("avx2", false, false),
    /** Vectors of 256 bits with products of four bytes added to 32 bits. */
    AVX_VNNI("avx-vnni", false, true),
    /** The same on vectors of 512 bits. */
    AVX512_VNNI("avx512", true, true);

    private final String label;
    /** Whether vectors have 512 bits and registers are 32, not 16. */
    final boolean wide;
    /** Whether there is an instruction for the product of four bytes with four bytes. */
    final boolean fourBytes;

    Target(String label, boolean wide, boolean fourBytes) {
        this.label = label;
        this.wide = wide;
        this.fourBytes = fourBytes;
    }

    /** The name that users know it by. */
    public String label() {
        return label;
    }

    /** Ints of a vector. */
    int lanes() {
        return wide ? 16 : 8;
    }
}
