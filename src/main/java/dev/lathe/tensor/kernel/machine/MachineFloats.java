package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.FloatKernel;
import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.FloatRows;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.scalar.ScalarAttention;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Products of floats as machine code: matrices of plain numbers, scores of attention and its weighted values. The door to the
 * code, which checks nothing itself.
 */
final class MachineFloats implements FloatKernel, AttentionKernels {
    private static final int ROWS = IntegerPlane.ROWS;
    private static final int TILE_BYTES = 4 * ROWS;
    private static final MemorySegment NONE = MemorySegment.NULL;
    /** Columns that are unpacked at once for many rows. */
    private static final int UNPACKED_COLUMNS = 64;
    /**
     * Columns of one call with packed weights: it stays short, and what several groups of rows read of a tile in the
     * cache.
     */
    private static final int COLUMNS_OF_CALL = 1 << 11;
    /** Products of one call with floats, so that it stays short. */
    private static final int PRODUCTS_OF_CALL = 1 << 20;

    private final FloatCode code;
    private final int lanes;
    private final int tileVectors;
    private final Routines[] setting = new Routines[5]; // by vectors: sums begin with zero
    private final Routines[] adding = new Routines[5]; // by vectors: sums begin with what is there
    private final Routines[] addingHalves = new Routines[5];
    private final Routines halfTiles;
    private final int halfVectors; // of a row of halfTiles
    private final Routines halves;
    private final Routines bfloats;
    private final Map<FloatPlane, Routines> unpacking = new EnumMap<>(FloatPlane.class);

    MachineFloats(Target target, CodeMemory memory) {
        code = new FloatCode(target);
        lanes = target.lanes();
        tileVectors = target.wide ? 4 : 2;
        for (int vectors = 1; vectors <= tileVectors; vectors *= 2) {
            int count = vectors;
            int most = mostRows(count);
            setting[vectors] =
                    new Routines(most, rows -> code.products(FloatCode.Numbers.FLOATS, rows, count, false), memory);
            adding[vectors] =
                    new Routines(most, rows -> code.products(FloatCode.Numbers.FLOATS, rows, count, true), memory);
            addingHalves[vectors] =
                    new Routines(most, rows -> code.products(FloatCode.Numbers.HALF_LANES, rows, count, true), memory);
        }
        halfVectors = Math.min(TILE / lanes, tileVectors);
        halfTiles = new Routines(
                mostRows(halfVectors),
                rows -> code.tileProducts(FloatCode.Numbers.HALF_LANES, rows, halfVectors),
                memory);
        int most = FloatCode.MOST_PACKED_ROWS;
        halves = new Routines(most, rows -> code.packedProducts(FloatCode.Numbers.HALVES, rows), memory);
        bfloats = new Routines(most, rows -> code.packedProducts(FloatCode.Numbers.BFLOATS, rows), memory);
        for (FloatPlane plane : FloatPlane.values()) {
            FloatCode.Numbers numbers = plane == FloatPlane.BF16 ? FloatCode.Numbers.BFLOATS : FloatCode.Numbers.HALVES;
            unpacking.put(plane, new Routines(0, _ -> code.unpack(numbers, plane.scale()), memory));
        }
    }

    /** Rows are addressed from four bases, so there are twelve at most. */
    private int mostRows(int vectors) {
        return Math.min(12, code.mostRows(vectors));
    }

    @Override
    public void multiply(
            FloatPlane plane,
            MemorySegment weights,
            int outputs,
            int columns,
            int fromTile,
            int toTile,
            FloatRows x,
            int fromRow,
            int toRow,
            float[] out,
            int stride) {
        if (fromTile >= toTile || fromRow >= toRow) {
            return;
        }
        int rows = toRow - fromRow;
        long tileBytes = (long) plane.columnBytes() * columns;
        Objects.checkFromToIndex(fromTile * tileBytes, toTile * tileBytes, weights.byteSize());
        Objects.checkFromToIndex(fromRow * columns, toRow * columns, x.values().length);
        float[] totals = new float[rows * ROWS];
        float[] unpacked = x.scaled() || plane == FloatPlane.F32 ? null : new float[UNPACKED_COLUMNS * ROWS];
        for (int tile = fromTile; tile < toTile; tile++) {
            MemorySegment numbers = weights.asSlice(tile * tileBytes, tileBytes);
            if (plane == FloatPlane.F32) {
                Arrays.fill(totals, 0f);
                for (int column = 0; column < columns; column += UNPACKED_COLUMNS) {
                    int count = Math.min(UNPACKED_COLUMNS, columns - column);
                    addColumns(
                            numbers.asSlice((long) column * TILE_BYTES),
                            x.values(),
                            fromRow * columns + column,
                            columns,
                            count,
                            rows,
                            totals);
                }
            } else if (x.scaled()) {
                multiplyPacked(plane, numbers, columns, x.values(), fromRow, rows, totals);
            } else {
                Arrays.fill(totals, 0f);
                MemorySegment floats = MemorySegment.ofArray(unpacked);
                for (int column = 0; column < columns; column += UNPACKED_COLUMNS) {
                    int count = Math.min(UNPACKED_COLUMNS, columns - column);
                    unpacking
                            .get(plane)
                            .get(0)
                            .call(
                                    numbers.asSlice((long) column * plane.columnBytes()),
                                    floats,
                                    NONE,
                                    NONE,
                                    count,
                                    0,
                                    0,
                                    0);
                    addColumns(floats, x.values(), fromRow * columns + column, columns, count, rows, totals);
                }
            }
            int count = Math.min(ROWS, outputs - tile * ROWS);
            for (int row = 0; row < rows; row++) {
                System.arraycopy(totals, row * ROWS, out, (fromRow + row) * stride + tile * ROWS, count);
            }
        }
    }

    /** Adds columns of a tile of floats times as many columns of rows, from {@code at} on. */
    private void addColumns(MemorySegment floats, float[] x, int at, int columns, int count, int rows, float[] totals) {
        MemorySegment a = MemorySegment.ofArray(x);
        MemorySegment c = MemorySegment.ofArray(totals);
        for (int first = 0; first < ROWS; first += tileVectors * lanes) {
            multiplyRows(
                    adding[tileVectors],
                    mostRows(tileVectors),
                    a.asSlice(4L * at),
                    floats.asSlice(4L * first),
                    c.asSlice(4L * first),
                    rows,
                    columns,
                    TILE_BYTES,
                    ROWS,
                    count,
                    floats);
        }
    }

    /** Products of rows, as many at once as the registers hold; strides in floats, but that of b in bytes. */
    private static void multiplyRows(
            Routines routines,
            int together,
            MemorySegment a,
            MemorySegment b,
            MemorySegment c,
            int rows,
            long aStride,
            long bBytes,
            long cStride,
            int count,
            MemorySegment next) {
        int most = Math.max(1, PRODUCTS_OF_CALL / Math.max(1, count * together * ROWS));
        for (int row = 0, groups, height; row < rows; row += groups * height) {
            height = Math.min(together, rows - row);
            groups = Math.min(most, (rows - row) / height);
            routines.get(height)
                    .call(
                            a.asSlice(4L * row * aStride),
                            b,
                            c.asSlice(4L * row * cStride),
                            next,
                            4 * aStride,
                            bBytes,
                            4 * cStride,
                            FloatCode.counts(count, groups));
        }
    }

    private void multiplyPacked(
            FloatPlane plane, MemorySegment words, int columns, float[] x, int fromRow, int rows, float[] totals) {
        Routines routines = plane == FloatPlane.BF16 ? bfloats : halves;
        MemorySegment a = MemorySegment.ofArray(x);
        MemorySegment c = MemorySegment.ofArray(totals);
        Arrays.fill(totals, 0f);
        int groups = Math.ceilDiv(rows, FloatCode.MOST_PACKED_ROWS);
        for (int column = 0; column < columns; column += COLUMNS_OF_CALL) {
            MemorySegment part = words.asSlice((long) column * plane.columnBytes());
            for (int group = 0; group < groups; group++) {
                int row = group * rows / groups;
                int count = (group + 1) * rows / groups - row;
                routines.get(count)
                        .call(
                                a.asSlice(4L * ((fromRow + row) * columns + column)),
                                part,
                                c.asSlice((long) row * TILE_BYTES),
                                NONE,
                                4L * columns,
                                plane.columnBytes(),
                                TILE_BYTES,
                                Math.min(COLUMNS_OF_CALL, columns - column));
            }
        }
    }

    @Override
    public void scores(
            float[] queries,
            int queryOffset,
            int queryStride,
            int queryCount,
            float[] keys,
            int keyOffset,
            int size,
            float[] scores,
            int scoreOffset,
            int scoreStride) {
        if (queryCount == 0) {
            return;
        }
        Objects.checkFromIndexSize(queryOffset, (queryCount - 1) * queryStride + size, queries.length);
        Objects.checkFromIndexSize(keyOffset, size * TILE, keys.length);
        Objects.checkFromIndexSize(scoreOffset, (queryCount - 1) * scoreStride + TILE, scores.length);
        int vectors = Math.min(TILE / lanes, tileVectors);
        run(
                setting,
                vectors,
                queries,
                queryOffset,
                queryStride,
                queryCount,
                MemorySegment.ofArray(keys),
                Float.BYTES,
                keyOffset,
                TILE,
                size,
                scores,
                scoreOffset,
                scoreStride,
                TILE,
                null);
    }

    @Override
    public void accumulate(
            float[] weights,
            int weightOffset,
            int weightStride,
            int queryCount,
            float[] values,
            int valueOffset,
            int positions,
            int size,
            float[] output,
            int outputOffset,
            int outputStride) {
        int done = accumulate(
                adding,
                weights,
                weightOffset,
                weightStride,
                queryCount,
                MemorySegment.ofArray(values),
                Float.BYTES,
                valueOffset,
                positions,
                size,
                output,
                outputOffset,
                outputStride,
                null);
        for (int query = 0; query < queryCount && done < size; query++) {
            int weight = weightOffset + query * weightStride;
            int at = outputOffset + query * outputStride;
            ScalarAttention.tail(weights, weight, values, valueOffset, positions, done, size, output, at);
        }
    }

    @Override
    public boolean readsHalves() {
        return true;
    }

    @Override
    public void scoresOfHalves(
            float[] queries,
            int queryOffset,
            int queryStride,
            int queryCount,
            short[] keys,
            int keyOffset,
            int size,
            int tiles,
            float[] scores,
            int scoreOffset,
            int scoreStride,
            short[] next,
            int nextOffset) {
        if (queryCount == 0 || tiles == 0) {
            return;
        }
        Objects.checkFromIndexSize(queryOffset, (queryCount - 1) * queryStride + size, queries.length);
        Objects.checkFromIndexSize(keyOffset, tiles * size * TILE, keys.length);
        Objects.checkFromIndexSize(scoreOffset, (queryCount - 1) * scoreStride + tiles * TILE, scores.length);
        MemorySegment a = MemorySegment.ofArray(queries);
        MemorySegment b = MemorySegment.ofArray(keys);
        MemorySegment c = MemorySegment.ofArray(scores);
        MemorySegment ahead = MemorySegment.ofArray(next);
        int groups = Math.ceilDiv(queryCount, mostRows(halfVectors));
        for (int lane = 0; lane < TILE; lane += halfVectors * lanes) {
            for (int group = 0; group < groups; group++) {
                int query = group * queryCount / groups;
                halfTiles
                        .get((group + 1) * queryCount / groups - query)
                        .call(
                                a.asSlice(4L * (queryOffset + query * queryStride)),
                                b.asSlice(2L * (keyOffset + lane)),
                                c.asSlice(4L * (scoreOffset + query * scoreStride + lane)),
                                ahead.asSlice(2L * nextOffset),
                                4L * queryStride,
                                (long) Short.BYTES * TILE,
                                4L * scoreStride,
                                FloatCode.counts(size, tiles));
            }
        }
    }

    @Override
    public void accumulateHalves(
            float[] weights,
            int weightOffset,
            int weightStride,
            int queryCount,
            short[] values,
            int valueOffset,
            int positions,
            int size,
            float[] output,
            int outputOffset,
            int outputStride,
            short[] next,
            int nextOffset) {
        int done = accumulate(
                addingHalves,
                weights,
                weightOffset,
                weightStride,
                queryCount,
                MemorySegment.ofArray(values),
                Short.BYTES,
                valueOffset,
                positions,
                size,
                output,
                outputOffset,
                outputStride,
                MemorySegment.ofArray(next).asSlice(2L * nextOffset));
        for (int query = 0; query < queryCount && done < size; query++) {
            for (int d = done; d < size; d++) {
                int at = outputOffset + query * outputStride + d;
                for (int p = 0; p < positions; p++) {
                    float value = Float.float16ToFloat(values[valueOffset + p * size + d]);
                    output[at] = Math.fma(weights[weightOffset + query * weightStride + p], value, output[at]);
                }
            }
        }
    }

    /** Adds to whole vectors of each query's output; returns how many of its numbers are done. */
    private int accumulate(
            Routines[] routines,
            float[] weights,
            int weightOffset,
            int weightStride,
            int queryCount,
            MemorySegment values,
            int numberBytes,
            int valueOffset,
            int positions,
            int size,
            float[] output,
            int outputOffset,
            int outputStride,
            MemorySegment next) {
        if (queryCount == 0 || positions == 0) {
            return size;
        }
        Objects.checkFromIndexSize(weightOffset, (queryCount - 1) * weightStride + positions, weights.length);
        Objects.checkFromIndexSize((long) valueOffset, positions * size, values.byteSize() / numberBytes);
        Objects.checkFromIndexSize(outputOffset, (queryCount - 1) * outputStride + size, output.length);
        int done = 0;
        for (int vectors = tileVectors; vectors > 0; vectors /= 2) {
            int width = (size - done) / (vectors * lanes) * vectors * lanes;
            run(
                    routines,
                    vectors,
                    weights,
                    weightOffset,
                    weightStride,
                    queryCount,
                    values,
                    numberBytes,
                    valueOffset + done,
                    size,
                    positions,
                    output,
                    outputOffset + done,
                    outputStride,
                    width,
                    next == null ? null : next.asSlice((long) numberBytes * done));
            done += width;
        }
        return done;
    }

    /** Products of rows of a with {@code width} lanes of b, in as many calls as it takes. */
    private void run(
            Routines[] routines,
            int vectors,
            float[] a,
            int aOffset,
            int aStride,
            int rows,
            MemorySegment b,
            int numberBytes,
            int bOffset,
            int bStride,
            int count,
            float[] c,
            int cOffset,
            int cStride,
            int width,
            MemorySegment next) { // null where nothing is asked for
        MemorySegment as = MemorySegment.ofArray(a);
        MemorySegment cs = MemorySegment.ofArray(c);
        for (int lane = 0; lane < width; lane += vectors * lanes) {
            MemorySegment from = b.asSlice((long) numberBytes * (bOffset + lane));
            multiplyRows(
                    routines[vectors],
                    mostRows(vectors),
                    as.asSlice(4L * aOffset),
                    from,
                    cs.asSlice(4L * (cOffset + lane)),
                    rows,
                    aStride,
                    (long) numberBytes * bStride,
                    cStride,
                    count,
                    next == null ? from : next.asSlice((long) numberBytes * lane));
        }
    }
}
