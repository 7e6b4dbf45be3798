package dev.lathe.tensor;

import dev.lathe.tensor.kernel.FloatRows;
import dev.lathe.tensor.kernel.QuantizedActivations;
import java.util.Arrays;

/**
 * A linear layer of which whole blocks of {@value BlockMask#ROWS} rows are absent, and cost neither memory nor time. Each stripe
 * of rows is a dense layer of its present columns, which reads these columns of the input side by side. An absent block adds
 * nothing where a block of zeros would add zero, so the sums are the same.
 */
public final class BlockSparseLinear extends TiledLinear {
    private final BlockMask mask;
    private final TiledLinear[] stripes; // [rows of a stripe x present columns]; null where nothing is present
    private final int[][] runs; // by stripe: first block and number of blocks of each run of neighbours

    /**
     * A layer over packed stripes, as {@code BlockSparseLoader} makes them.
     *
     * @param stripes the present blocks of each stripe of the mask, side by side; null where none is
     */
    public BlockSparseLinear(TensorType type, BlockMask mask, TiledLinear[] stripes) {
        super(
                type,
                mask.outputSize(),
                mask.inputSize(),
                Arrays.stream(stripes)
                        .mapToLong(stripe -> stripe == null ? 0 : stripe.byteCount())
                        .sum());
        this.mask = mask;
        this.stripes = stripes.clone();
        runs = new int[stripes.length][];
        Arrays.setAll(runs, stripe -> runs(mask.presentIn(stripe)));
    }

    private static int[] runs(int[] blocks) {
        int[] runs = new int[2 * blocks.length];
        int count = 0;
        for (int i = 0; i < blocks.length; i++) {
            if (i > 0 && blocks[i] == blocks[i - 1] + 1) {
                runs[2 * count - 1]++;
            } else {
                runs[2 * count] = blocks[i];
                runs[2 * count + 1] = 1;
                count++;
            }
        }
        return Arrays.copyOf(runs, 2 * count);
    }

    /** Which blocks are present. */
    public BlockMask mask() {
        return mask;
    }

    @Override
    public void readRow(int row, float[] target, int offset) {
        Arrays.fill(target, offset, offset + inputSize(), 0f);
        int stripe = row / BlockMask.ROWS;
        if (stripes[stripe] == null) {
            return;
        }
        float[] present = new float[stripes[stripe].inputSize()];
        stripes[stripe].readRow(row % BlockMask.ROWS, present, 0);
        int at = 0;
        for (int block : mask.presentIn(stripe)) {
            System.arraycopy(present, at, target, offset + block * mask.columns(), mask.columns());
            at += mask.columns();
        }
    }

    @Override
    void prepare(Activations input, Workers workers) {
        for (TiledLinear stripe : stripes) {
            if (stripe != null) {
                stripe.prepare(input, workers); // most find it done
            }
        }
    }

    @Override
    void applyTiles(Activations input, int fromTile, int toTile, int fromRow, int toRow, FloatMatrix output) {
        GatheredColumns gathered = input.takeGathered();
        try {
            float[] results = gathered.results(input.rows() * BlockMask.ROWS);
            for (int stripe = fromTile; stripe < toTile; stripe++) {
                int count = Math.min(BlockMask.ROWS, outputSize() - stripe * BlockMask.ROWS);
                multiply(stripe, input, gathered, results);
                for (int row = 0; row < input.rows(); row++) {
                    System.arraycopy(
                            results,
                            row * BlockMask.ROWS,
                            output.data(),
                            output.offset(row) + stripe * BlockMask.ROWS,
                            count);
                }
            }
        } finally {
            input.giveBack(gathered);
        }
    }

    private void multiply(int stripe, Activations input, GatheredColumns gathered, float[] results) {
        int rows = input.rows();
        switch (stripes[stripe]) {
            case null -> Arrays.fill(results, 0, rows * BlockMask.ROWS, 0f);
            case DenseLinear dense -> {
                FloatRows whole = input.scaled(dense.product().plane());
                FloatRows columns = dense.inputSize() == inputSize()
                        ? whole
                        : gathered.floats(whole, rows, inputSize(), runs[stripe], mask.columns(), dense.inputSize());
                dense.product().multiply(0, 1, columns, 0, rows, results, BlockMask.ROWS);
            }
            case QuantizedLinear quantized -> {
                QuantizedActivations whole = input.quantized();
                QuantizedActivations columns = quantized.inputSize() == inputSize()
                        ? whole
                        : gathered.quantized(whole, rows, runs[stripe], mask.columns(), quantized.inputSize());
                columns.derive(quantized.product(), rows);
                quantized.product().multiply(0, 1, columns, rows, results, BlockMask.ROWS);
            }
            default -> throw new AssertionError("the loader packs no " + stripes[stripe].getClass());
        }
    }
}
