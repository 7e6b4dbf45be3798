package dev.lathe.compress.quantize;

import dev.lathe.tensor.TensorType;

/** What takes the place of a type whose blocks do not divide a matrix's rows: as llama.cpp's {@code llama-quantize} does. */
final class Fallback {
    private Fallback() {}

    /** The type itself where its blocks divide the rows, else the one nearest to it with shorter blocks, at last F16. */
    static TensorType of(TensorType type, long columns) {
        if (columns % type.blockSize() == 0) {
            return type;
        }
        TensorType shorter =
                switch (type) {
                    case Q2_K, Q3_K, IQ4_XS -> TensorType.IQ4_NL;
                    case Q4_K -> TensorType.Q5_0;
                    case Q5_K -> TensorType.Q5_1;
                    case Q6_K -> TensorType.Q8_0;
                    case TQ1_0, TQ2_0 -> TensorType.Q4_0;
                    default -> TensorType.F16;
                };
        return columns % shorter.blockSize() == 0 ? shorter : TensorType.F16;
    }
}
