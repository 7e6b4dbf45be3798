package dev.lathe.tensor.kernel.machine;

/**
 * Writes code that brings a block of a tile into registers: quads (four columns of an output, a byte each, or two
 * columns of 16 bits), scales and minima.
 *
 * <p>The 64 outputs of a tile are taken in parts of a few vectors. A group is the columns that share one scale: a block, or a half
 * of it. Vector registers below those that the source names in {@link #firstRegister} are the caller's.
 */
interface QuadSource {
    /** Takes the quads as they come. */
    @FunctionalInterface
    interface Consumer {
        /**
         * Uses a quad.
         *
         * @param quad its number in the block
         * @param registers one for each vector of the part; the consumer may change them
         */
        void accept(int quad, int[] registers);
    }

    /** Parts of a tile. */
    int parts();

    /** Vectors of a part. */
    int vectors();

    /** The first output of a vector. */
    int firstOutput(int part, int vector);

    /** The first vector register that the code uses. */
    int firstRegister();

    /** Writes the code for all quads of a group. */
    void quads(int part, int group, Consumer consumer);

    /** Writes the code that makes scales and minima ready; may change all registers of the source. */
    void scales(int part, int group);

    /** Writes {@code to = factor * scale} of a vector of the part, after {@link #scales}. */
    void multiplyScale(int to, int factor, int vector);

    /** Writes {@code to += factor * minimum}, rounded once, of a vector of the part, after {@link #scales}. */
    void addMinimum(int to, int factor, int vector);
}
