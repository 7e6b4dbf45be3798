package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPABSB;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPADDD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPADDW;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPBROADCASTD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPDPBUSD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPMADDUBSW;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPMADDWD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPSIGNB;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.TileLayout;

/**
 * Writes code that adds products of quads of weights with four activations to sums of 32 bits: always the exact sum, by what the
 * processor offers.
 */
enum ByteDot {
    /** One instruction for four products, added to 32 bits. */
    FOUR_BYTES,
    /** Pairs of products added to 16 bits, which hold the sums of a block; widened at its end. */
    PAIRS,
    /** Pairs of products, widened at once. */
    WIDENED_PAIRS,
    /** Weights of 8 bits: pairs of products of magnitudes with activations of the product's sign, widened at once. */
    SIGNED_PAIRS,
    /** Weights of 8 bits that were widened to 16 for many rows, and activations of 16 bits: pairs of products of 32 bits. */
    WORDS;

    /** Two ones of 16 bits: a product with them adds pairs. */
    static final int ONES = 0x00010001;
    /** The largest weight of which 16 products, of half a block, fit in 16 bits. */
    private static final int LARGEST_OF_HALF_BLOCK = Short.MAX_VALUE / (16 * 127);
    /** The largest weight of which two products fit in 16 bits. */
    private static final int LARGEST_OF_PAIR = Short.MAX_VALUE / (2 * 127);

    /** The way for tiles that are unpacked once for many rows. */
    static ByteDot unpacked(Target target, TileLayout layout) {
        ByteDot dot = packed(target, layout);
        return dot == SIGNED_PAIRS ? WORDS : dot;
    }

    /** The way for tiles as they are packed. */
    static ByteDot packed(Target target, TileLayout layout) {
        int largest = layout.integers().mostUnsigned();
        if (target.fourBytes) {
            return FOUR_BYTES;
        } else if (largest <= LARGEST_OF_HALF_BLOCK) {
            return PAIRS;
        }
        return largest <= LARGEST_OF_PAIR ? WIDENED_PAIRS : SIGNED_PAIRS;
    }

    /** Whether weights are multiplied with their sign, so that nothing is given back for their center. */
    boolean isSigned() {
        return this == SIGNED_PAIRS || this == WORDS;
    }

    /** Bytes of a weight and of an activation. */
    int valueBytes() {
        return this == WORDS ? 2 : 1;
    }

    /**
     * Adds the products of a quad; of words, of a pair.
     *
     * @param weights registers with the quad of several vectors of outputs
     * @param magnitudes as many temporaries, for weights with a sign
     * @param activation register for the activations; negative if products may read them where they are
     * @param product register for products
     * @param ones register of {@link #ONES}; negative if they are read from memory
     * @param activations where the four bytes of the first row are; rows are as far apart as 32 values take
     * @param sums register of the first row's and vector's sums; a row's vectors, then the next row's
     */
    void add(
            Assembler code,
            int[] weights,
            int[] magnitudes,
            int activation,
            int product,
            int ones,
            Address activations,
            int rows,
            int sums) {
        if (this == SIGNED_PAIRS) {
            for (int v = 0; v < weights.length; v++) {
                code.vector(VPABSB, magnitudes[v], 0, weights[v]);
            }
        }
        for (int row = 0; row < rows; row++) {
            Address four = activations.plus(row * IntegerPlane.BLOCK * valueBytes());
            boolean fromMemory = activation < 0;
            if (!fromMemory) {
                code.vector(VPBROADCASTD, activation, 0, four);
            }
            for (int v = 0; v < weights.length; v++) {
                int sum = sums + row * weights.length + v;
                switch (this) {
                    case FOUR_BYTES -> {
                        if (fromMemory) {
                            code.vectorBroadcast(VPDPBUSD, sum, weights[v], four);
                        } else {
                            code.vector(VPDPBUSD, sum, weights[v], activation);
                        }
                    }
                    case PAIRS -> {
                        code.vector(VPMADDUBSW, product, weights[v], activation);
                        code.vector(VPADDW, sum, sum, product);
                    }
                    case WIDENED_PAIRS -> {
                        code.vector(VPMADDUBSW, product, weights[v], activation);
                        addWidened(code, sum, product, ones);
                    }
                    case SIGNED_PAIRS -> {
                        code.vector(VPSIGNB, product, activation, weights[v]);
                        code.vector(VPMADDUBSW, product, magnitudes[v], product);
                        addWidened(code, sum, product, ones);
                    }
                    case WORDS -> {
                        code.vector(VPMADDWD, product, weights[v], activation);
                        code.vector(VPADDD, sum, sum, product);
                    }
                }
            }
        }
    }

    private static void addWidened(Assembler code, int sum, int product, int ones) {
        widen(code, product, ones);
        code.vector(VPADDD, sum, sum, product);
    }

    private static void widen(Assembler code, int pairs, int ones) {
        if (ones < 0) {
            code.vector(VPMADDWD, pairs, pairs, code.constant(ONES));
        } else {
            code.vector(VPMADDWD, pairs, pairs, ones);
        }
    }

    /** Makes sums of 32 bits of what was added. */
    void finish(Assembler code, int sum, int ones) {
        if (this == PAIRS) {
            widen(code, sum, ones);
        }
    }
}
