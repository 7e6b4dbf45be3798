package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.ActivationForm;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ProductKernel;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;

/**
 * Products with one layout of weights as machine code. A few rows are multiplied with tiles as they are packed; for more, a tile's
 * blocks are unpacked once. Each loop is written when it is first needed.
 *
 * <p>This is the door to the code, which checks nothing itself: all bounds are checked here.
 */
final class MachineProduct implements ProductKernel {
    private static final int ROWS = IntegerPlane.ROWS;
    private static final int BLOCK = IntegerPlane.BLOCK;
    private static final MemorySegment NONE = MemorySegment.NULL;
    /** So many panels are multiplied with tiles as they are packed: unpacking costs as much as a few panels. */
    private static final int PACKED_PANELS = 4;
    /** Blocks that are unpacked at once. */
    private static final int UNPACKED_BLOCKS = ScalePlane.SUPER_BLOCKS;
    /** Tiles that read a few blocks of all rows one after the other, while those are in the cache. */
    private static final int TILES_TOGETHER = 4;
    /** Products of one call: as much as keeps a garbage collector waiting for some ten microseconds. */
    private static final long PRODUCTS_OF_CALL = 4 << 20;
    /** Bytes of weights of one call, for the same reason. */
    private static final long BYTES_OF_CALL = 512 << 10;

    private final TileLayout layout;
    private final PanelForm form;
    private final int packedPanelRows;
    private final int mostPackedRows;
    private final int panelRows;
    private final Routines packed;
    private final Routines unpackedFirst;
    private final Routines unpacked;
    private final Routines unpack;
    private final Routines copyRow;
    private final Routines quantize;

    MachineProduct(Target target, TileLayout layout, PanelForm form, Routines quantize, Arena arena) {
        this.layout = layout;
        this.form = form;
        this.quantize = quantize;
        ProductCode code = new ProductCode(target, layout);
        packedPanelRows = ProductCode.mostPackedRows(target);
        mostPackedRows = PACKED_PANELS * packedPanelRows;
        panelRows = ProductCode.mostUnpackedRows(target);
        packed = new Routines(packedPanelRows, code::packed, arena);
        unpackedFirst = new Routines(panelRows, rows -> code.unpacked(rows, true), arena);
        unpacked = new Routines(panelRows, rows -> code.unpacked(rows, false), arena);
        unpack = new Routines(0, _ -> code.unpack(), arena);
        copyRow = new Routines(0, _ -> PanelCode.copyRow(form), arena);
    }

    @Override
    public void quantize(float[] source, int offset, QuantizedActivations target, int row) {
        int columns = target.columns;
        Objects.checkFromIndexSize(offset, columns, source.length);
        Objects.checkFromIndexSize(row * columns, columns, target.values.length);
        if (columns > 0) {
            quantize.get(0)
                    .call(
                            MemorySegment.ofArray(source).asSlice(4L * offset),
                            MemorySegment.ofArray(target.values).asSlice((long) row * columns),
                            MemorySegment.ofArray(target.scales).asSlice((long) row * columns / 8),
                            MemorySegment.ofArray(target.sums).asSlice((long) row * columns / 4),
                            columns / BLOCK,
                            0,
                            0,
                            0);
        }
    }

    @Override
    public Set<ActivationForm> forms(int rows) {
        return Set.of(form);
    }

    /** Rows of a panel; the last one may have fewer. */
    private int panelRows(int rows) {
        return rows > mostPackedRows ? panelRows : Math.min(rows, packedPanelRows);
    }

    @Override
    public void derive(ActivationForm of, QuantizedActivations x, int row, int rows) {
        int blocks = x.columns / BLOCK;
        byte[] panels = x.bytes(form);
        int first = row / panelRows(rows) * panelRows(rows);
        int height = Math.min(panelRows(rows), rows - first);
        Objects.checkIndex(row, rows);
        Objects.checkFromIndexSize(row * x.columns, x.columns, x.values.length);
        Objects.checkFromIndexSize(
                PanelForm.blockBytes(first, form.groups()) * blocks,
                PanelForm.blockBytes(height, form.groups()) * blocks,
                panels.length);
        if (blocks > 0) {
            copyRow.get(0)
                    .call(
                            MemorySegment.ofArray(x.values),
                            MemorySegment.ofArray(x.scales),
                            MemorySegment.ofArray(x.sums),
                            MemorySegment.ofArray(panels)
                                    .asSlice((long) PanelForm.blockBytes(first, form.groups()) * blocks),
                            (long) row * x.columns,
                            blocks,
                            row - first,
                            height);
        }
    }

    @Override
    public void multiply(
            MemorySegment weights,
            int blocks,
            int outputs,
            int fromTile,
            int toTile,
            QuantizedActivations x,
            int rows,
            int fromRow,
            int toRow,
            float[] out,
            int stride) {
        Objects.checkFromToIndex(fromRow, toRow, rows);
        if (fromTile >= toTile || fromRow == toRow) {
            return;
        }
        boolean isPacked = rows <= mostPackedRows;
        int multiple = panelRows(rows);
        if (fromRow % multiple != 0 || toRow != rows && toRow % multiple != 0) {
            throw new IllegalArgumentException("rows " + fromRow + " to " + toRow + " are no panels of " + multiple);
        }
        long tileBytes = layout.tileBytes(blocks);
        Objects.checkFromToIndex(fromTile * tileBytes, toTile * tileBytes, weights.byteSize());
        int toOutput = Math.min(toTile * ROWS, outputs);
        Objects.checkFromToIndex(
                (long) fromRow * stride + fromTile * ROWS, (long) (toRow - 1) * stride + toOutput, out.length);
        if (x.columns != blocks * BLOCK || layout.superBytes() > 0 && blocks % ScalePlane.SUPER_BLOCKS != 0) {
            throw new IllegalArgumentException(
                    "weights of " + blocks + " blocks a row cannot be multiplied by rows of " + x.columns + " columns");
        }
        Objects.checkFromIndexSize(0, PanelForm.blockBytes(rows, form.groups()) * blocks, x.bytes(form).length);
        MemorySegment panels = MemorySegment.ofArray(x.bytes(form));
        if (blocks == 0) {
            for (int row = fromRow; row < toRow; row++) {
                Arrays.fill(out, row * stride + fromTile * ROWS, row * stride + toOutput, 0f);
            }
        } else if (isPacked) {
            int whole = Math.min(toTile, outputs / ROWS);
            int at = fromRow * stride;
            int count = toRow - fromRow;
            MemorySegment some = panels.asSlice(PanelForm.blockBytes(fromRow, form.groups()) * blocks);
            multiplyPacked(weights, blocks, fromTile, whole, some, count, out, stride, at + fromTile * ROWS);
            if (whole < toTile) {
                float[] last = new float[count * ROWS];
                multiplyPacked(weights, blocks, whole, toTile, some, count, last, ROWS, 0);
                copy(last, 0, count, out, stride, at + whole * ROWS, outputs - whole * ROWS);
            }
        } else {
            MemorySegment some = panels.asSlice(PanelForm.blockBytes(fromRow, form.groups()) * blocks);
            int count = toRow - fromRow;
            multiplyUnpacked(weights, blocks, outputs, fromTile, toTile, some, count, out, fromRow * stride, stride);
        }
    }

    private void multiplyPacked(
            MemorySegment weights,
            int blocks,
            int fromTile,
            int toTile,
            MemorySegment panels,
            int rows,
            float[] out,
            int stride,
            int at) {
        long tileBytes = layout.tileBytes(blocks);
        MemorySegment work = MemorySegment.ofArray(new float[Math.min(rows, packedPanelRows) * ROWS]);
        MemorySegment results = MemorySegment.ofArray(out);
        int loops = layout.superBytes() > 0 ? blocks / ScalePlane.SUPER_BLOCKS : blocks;
        int together = (int) Math.max(1, BYTES_OF_CALL / tileBytes);
        for (int tile = fromTile; tile < toTile; tile += together) {
            int tiles = Math.min(together, toTile - tile);
            for (int row = 0; row < rows; row += packedPanelRows) { // while the tiles are in the cache
                packed.get(Math.min(packedPanelRows, rows - row))
                        .call(
                                panels.asSlice((long) PanelForm.blockBytes(row, form.groups()) * blocks),
                                results.asSlice(4L * (at + row * stride + (tile - fromTile) * ROWS)),
                                work,
                                weights.asSlice(tile * tileBytes, tiles * tileBytes),
                                tiles,
                                loops,
                                4L * stride,
                                0);
            }
        }
    }

    private void multiplyUnpacked(
            MemorySegment weights,
            int blocks,
            int outputs,
            int fromTile,
            int toTile,
            MemorySegment panels,
            int rows,
            float[] out,
            int at,
            int stride) {
        int together = Math.min(TILES_TOGETHER, toTile - fromTile);
        float[] totals = new float[together * rows * ROWS];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment tileBlocks = arena.allocate(
                    (long) UNPACKED_BLOCKS * UnpackedTile.blockBytes(layout), 64); // whole lines of the cache
            for (int first = fromTile; first < toTile; first += together) {
                int end = Math.min(toTile, first + together);
                for (int block = 0; block < blocks; block += UNPACKED_BLOCKS) {
                    for (int tile = first; tile < end; tile++) {
                        MemorySegment sums = MemorySegment.ofArray(totals).asSlice(4L * (tile - first) * rows * ROWS);
                        boolean isLast = block + UNPACKED_BLOCKS >= blocks;
                        boolean goesOut = isLast && (tile + 1) * ROWS <= outputs;
                        MemorySegment tileWeights =
                                weights.asSlice(tile * layout.tileBytes(blocks), layout.tileBytes(blocks));
                        addBlocks(
                                tileWeights,
                                block,
                                blocks,
                                panels,
                                rows,
                                tileBlocks,
                                sums,
                                goesOut ? MemorySegment.ofArray(out).asSlice(4L * (at + tile * ROWS)) : sums,
                                4L * (goesOut ? stride : ROWS));
                    }
                }
                if (end * ROWS > outputs) {
                    int tile = end - 1;
                    copy(
                            totals,
                            (tile - first) * rows * ROWS,
                            rows,
                            out,
                            stride,
                            at + tile * ROWS,
                            outputs - tile * ROWS);
                }
            }
        }
    }

    /** Adds some blocks of a tile times all rows to {@code sums}; {@code after} gets what they become. */
    private void addBlocks(
            MemorySegment weights,
            int block,
            int blocks,
            MemorySegment panels,
            int rows,
            MemorySegment tileBlocks,
            MemorySegment sums,
            MemorySegment after,
            long stride) {
        long blockBytes = PanelForm.blockBytes(panelRows, form.groups());
        int panelCount = rows / panelRows;
        int rest = rows % panelRows;
        int together = (int) Math.max(1, PRODUCTS_OF_CALL / (UNPACKED_BLOCKS * BLOCK * ROWS * panelRows));
        int count = Math.min(UNPACKED_BLOCKS, blocks - block);
        long scales = layout.scalesOffset(block);
        unpack.get(0)
                .call(
                        NONE,
                        NONE,
                        tileBlocks,
                        weights.asSlice(scales),
                        scales - layout.superScalesOffset(block),
                        count,
                        0,
                        0);
        Routines routines = block == 0 ? unpackedFirst : unpacked;
        for (int panel = 0; panel < panelCount; panel += together) {
            routines.get(panelRows)
                    .call(
                            panels.asSlice(((long) panel * blocks + block) * blockBytes),
                            sums.asSlice(4L * panel * panelRows * ROWS),
                            tileBlocks,
                            after.asSlice(panel * panelRows * stride),
                            Math.min(together, panelCount - panel),
                            count,
                            blocks * blockBytes,
                            stride);
        }
        if (rest > 0) {
            long restBytes = PanelForm.blockBytes(rest, form.groups());
            routines.get(rest)
                    .call(
                            panels.asSlice(panelCount * blocks * blockBytes + block * restBytes),
                            sums.asSlice(4L * panelCount * panelRows * ROWS),
                            tileBlocks,
                            after.asSlice(panelCount * panelRows * stride),
                            1,
                            count,
                            0,
                            stride);
        }
    }

    private static void copy(float[] totals, int from, int rows, float[] out, int stride, int at, int count) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(totals, from + row * ROWS, out, row * stride + at, count);
        }
    }
}
