package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.ActiveColumns;
import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.GroupSparseProduct;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.SparseKernels;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/** Products of columns that are needed, and of group-sparse tiles, as machine code. The door to the code, which checks nothing itself. */
final class MachineSparse implements SparseKernels {
    /** Chunks of one call, so that it stays short. */
    private static final int CHUNKS_OF_CALL = 1 << 10;

    private final Routines groups; // by the weights kept of every group
    private final Routines active; // by the kind of numbers

    MachineSparse(Target target, CodeMemory memory) {
        groups = new Routines(GroupSparseProduct.GROUP - 1, new SparseCode(target)::groupRow, memory);
        FloatCode code = new FloatCode(target);
        FloatCode.Numbers[] kinds = FloatCode.Numbers.values();
        active = new Routines(kinds.length - 1, kind -> code.activeProducts(kinds[kind]), memory);
    }

    @Override
    public void groupRow(MemorySegment weights, long tile, int chunks, int kept, float[] x, int xOffset, float[] out) {
        long chunkBytes = GroupSparseProduct.chunkBytes(kept);
        Objects.checkFromIndexSize(tile, chunks * chunkBytes, weights.byteSize());
        Objects.checkFromIndexSize(xOffset, chunks * GroupSparseProduct.CHUNK, x.length);
        Objects.checkFromIndexSize(0, IntegerPlane.ROWS, out.length);
        Arrays.fill(out, 0, IntegerPlane.ROWS, 0f);
        for (int chunk = 0; chunk < chunks; chunk += CHUNKS_OF_CALL) {
            groups.get(kept)
                    .call(
                            MemorySegment.ofArray(x).asSlice(4L * (xOffset + chunk * GroupSparseProduct.CHUNK)),
                            weights.asSlice(tile + chunk * chunkBytes),
                            MemorySegment.ofArray(out),
                            MemorySegment.NULL,
                            Math.min(CHUNKS_OF_CALL, chunks - chunk),
                            0,
                            0,
                            0);
        }
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
