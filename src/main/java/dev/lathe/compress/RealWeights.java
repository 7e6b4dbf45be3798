package dev.lathe.compress;

import dev.lathe.compress.algebra.Matrix;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockCodec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Weights of a model in the making as float64 matrices, and back. */
final class RealWeights {
    private final ModelEdit model;

    RealWeights(ModelEdit model) {
        this.model = model;
    }

    /** A tensor [rows x columns]; a vector has one row. */
    Matrix get(String name) throws IOException {
        return Matrix.of(model.floats(name));
    }

    /** The type of plain numbers that suits what comes from a tensor: its own, or F16 where it is quantized. */
    TensorType plainType(String name) {
        TensorType type = model.require(name).type();
        return switch (type) {
            case F32, F16, BF16 -> type;
            default -> TensorType.F16;
        };
    }

    /** Puts a matrix as numbers of this type. */
    void put(String name, TensorType type, Matrix matrix) {
        FloatMatrix floats = matrix.toFloats();
        if (type == TensorType.F32) {
            model.putMatrix(name, floats);
            return;
        }
        int count = matrix.rows() * matrix.columns();
        byte[] bytes = new byte[Math.toIntExact(type.byteCount(count))];
        BlockCodec.of(type).encode(floats.data(), 0, null, 0, bytes, 0, count);
        model.put(name, type, List.of((long) matrix.columns(), (long) matrix.rows()), MemorySegment.ofArray(bytes));
    }
}
