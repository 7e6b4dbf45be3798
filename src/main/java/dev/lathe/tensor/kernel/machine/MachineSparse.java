package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.ActiveColumns;
import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.SparseKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Supplier;

/** Products of columns that are needed as machine code, and another set's of weights that are absent. */
final class MachineSparse implements SparseKernels {
    private final Supplier<Kernels> base;
    private final Routines active; // by the kind of numbers

    MachineSparse(Target target, Supplier<Kernels> base, Arena arena) {
        this.base = base;
        FloatCode code = new FloatCode(target);
        FloatCode.Numbers[] kinds = FloatCode.Numbers.values();
        active = new Routines(kinds.length - 1, kind -> code.activeProducts(kinds[kind]), arena);
    }

    @Override
    public void groupRow(MemorySegment weights, long tile, int chunks, int kept, float[] x, int xOffset, float[] out) {
        base.get().sparse().groupRow(weights, tile, chunks, kept, x, xOffset, out);
    }

    @Override
    public void activeRow(FloatPlane plane, MemorySegment weights, long tile, ActiveColumns x, float[] out) {
        FloatCode.Numbers numbers =
                switch (plane) {
                    case F32 -> FloatCode.Numbers.FLOATS;
                    case F16, F16_BELOW_128 -> FloatCode.Numbers.HALVES;
                    case BF16 -> FloatCode.Numbers.BFLOATS;
                };
        long tileBytes = (long) plane.columnBytes() * x.columns();
        Objects.checkFromIndexSize(tile, tileBytes, weights.byteSize());
        Objects.checkFromIndexSize(0, IntegerPlane.ROWS, out.length);
        active.get(numbers.ordinal())
                .call(
                        MemorySegment.ofArray(x.values()),
                        weights.asSlice(tile, tileBytes),
                        MemorySegment.ofArray(out),
                        MemorySegment.ofArray(x.offsets()),
                        x.count(),
                        0,
                        0,
                        0);
    }
}
