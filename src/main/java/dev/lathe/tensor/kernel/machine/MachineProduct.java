package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.ActivationForm;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ProductKernel;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;

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
    /** Blocks of activations of one call: as much as keeps a garbage collector waiting for some ten microseconds. */
    private static final int BLOCKS_OF_CALL = 1 << 10;
    /** Bytes of weights of one call, for the same reason. */
    private static final long BYTES_OF_CALL = 512 << 10;

    private final TileLayout layout;
    private final Panels few;
    private final Panels many;
    private final int packedPanelRows;
    private final int mostPackedRows;
    private final int panelRows;
    private final Routines packed;
    private final Routines quantize;
    private final UnpackedProduct unpackedProduct;

    /** How panels of activations lie, and the code that copies rows into them. */
    private record Panels(PanelForm form, Routines copyRows) {
        Panels(PanelForm form, CodeMemory memory) {
            this(form, new Routines(0, _ -> PanelCode.copyRows(form), memory));
        }
    }

    /**
     * Products with one layout.
     *
     * @param shared a form that lies alike, if there is one already
     * @param quantize the loop that quantizes activations
     * @param callList the loop over calls
     * @param trials choose how products of many rows are cut
     */
    MachineProduct(
            Target target,
            TileLayout layout,
            UnaryOperator<PanelForm> shared,
            Routines quantize,
            Routines callList,
            Trials trials,
            CodeMemory memory) {
        this.layout = layout;
        this.quantize = quantize;
        ByteDot packedDot = ByteDot.packed(target, layout);
        ByteDot unpackedDot = ByteDot.unpacked(target, layout);
        few = new Panels(shared.apply(new PanelForm(layout, packedDot)), memory);
        many = new Panels(shared.apply(new PanelForm(layout, unpackedDot)), memory);
        ProductCode code = new ProductCode(target, layout, packedDot, few.form);
        packedPanelRows = ProductCode.mostPackedRows(target);
        mostPackedRows = PACKED_PANELS * packedPanelRows;
        panelRows = ProductCode.mostUnpackedRows(target);
        packed = new Routines(packedPanelRows, code::packed, memory);
        unpackedProduct = new UnpackedProduct(target, layout, unpackedDot, many.form, callList, trials, memory);
    }

    @Override
    public void quantize(float[] source, int offset, QuantizedActivations target, int row, int rows) {
        int columns = target.columns;
        Objects.checkFromIndexSize(offset, rows * columns, source.length);
        Objects.checkFromIndexSize(row * columns, rows * columns, target.values.length);
        int blocks = rows * columns / BLOCK;
        for (int block = 0; block < blocks; block += BLOCKS_OF_CALL) {
            int at = row * columns + block * BLOCK;
            quantize.get(0)
                    .call(
                            MemorySegment.ofArray(source).asSlice(4L * (offset + block * BLOCK)),
                            MemorySegment.ofArray(target.values).asSlice(at),
                            MemorySegment.ofArray(target.scales).asSlice(at / 8),
                            MemorySegment.ofArray(target.sums).asSlice(at / 4),
                            Math.min(BLOCKS_OF_CALL, blocks - block),
                            0,
                            0,
                            0);
        }
    }

    @Override
    public Set<ActivationForm> forms(int rows) {
        return Set.of(panels(rows).form);
    }

    private Panels panels(int rows) {
        return rows <= mostPackedRows ? few : many;
    }

    /** Rows of a panel; the last one may have fewer. */
    private int panelRows(int rows) {
        return rows > mostPackedRows ? panelRows : Math.min(rows, packedPanelRows);
    }

    @Override
    public void derive(ActivationForm of, QuantizedActivations x, int fromRow, int toRow, int rows) {
        Objects.checkFromToIndex(fromRow, toRow, rows);
        Objects.checkFromToIndex(fromRow * x.columns, toRow * x.columns, x.values.length);
        int blocks = x.columns / BLOCK;
        Panels rule = panels(rows);
        PanelForm form = rule.form;
        byte[] panels = x.bytes(form);
        for (int row = fromRow, next; row < toRow && blocks > 0; row = next) {
            int first = row / panelRows(rows) * panelRows(rows);
            int height = Math.min(panelRows(rows), rows - first);
            next = Math.min(toRow, first + height);
            long start = (long) form.blockBytes(first) * blocks;
            Objects.checkFromIndexSize(start, form.blockBytes(height) * blocks, panels.length);
            long at = (long) row * x.columns;
            rule.copyRows
                    .get(0)
                    .call(
                            MemorySegment.ofArray(x.values).asSlice(at),
                            MemorySegment.ofArray(x.scales).asSlice(at / 8),
                            MemorySegment.ofArray(x.sums).asSlice(at / 4),
                            MemorySegment.ofArray(panels).asSlice(start),
                            next - row,
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
        PanelForm form = panels(rows).form;
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
        Objects.checkFromIndexSize(0, form.blockBytes(rows) * blocks, x.bytes(form).length);
        MemorySegment panels = MemorySegment.ofArray(x.bytes(form));
        if (blocks == 0) {
            for (int row = fromRow; row < toRow; row++) {
                Arrays.fill(out, row * stride + fromTile * ROWS, row * stride + toOutput, 0f);
            }
        } else if (rows <= mostPackedRows) {
            int whole = Math.min(toTile, outputs / ROWS);
            int at = fromRow * stride;
            int count = toRow - fromRow;
            MemorySegment some = panels.asSlice(form.blockBytes(fromRow) * blocks);
            multiplyPacked(weights, blocks, fromTile, whole, some, count, out, stride, at + fromTile * ROWS);
            if (whole < toTile) {
                float[] last = new float[count * ROWS];
                multiplyPacked(weights, blocks, whole, toTile, some, count, last, ROWS, 0);
                copy(last, 0, count, out, stride, at + whole * ROWS, outputs - whole * ROWS);
            }
        } else {
            unpackedProduct.multiply(weights, blocks, outputs, fromTile, toTile, panels, fromRow, toRow, out, stride);
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
        MemorySegment work =
                MemorySegment.ofArray(new float[ProductCode.workBytes(Math.min(rows, packedPanelRows)) / 4]);
        MemorySegment results = MemorySegment.ofArray(out);
        int loops = layout.superBytes() > 0 ? blocks / ScalePlane.SUPER_BLOCKS : blocks;
        int together = (int) Math.max(1, BYTES_OF_CALL / tileBytes);
        for (int tile = fromTile; tile < toTile; tile += together) {
            int tiles = Math.min(together, toTile - tile);
            for (int row = 0; row < rows; row += packedPanelRows) { // while the tiles are in the cache
                packed.get(Math.min(packedPanelRows, rows - row))
                        .call(
                                panels.asSlice((long) few.form.blockBytes(row) * blocks),
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

    /** Copies rows of a tile to where they belong. */
    static void copy(float[] totals, int from, int rows, float[] out, int stride, int at, int count) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(totals, from + row * ROWS, out, row * stride + at, count);
        }
    }
}
