package dev.lathe.compress;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What llama.cpp calls an importance matrix: for each tensor of weights the sums of the squares of its inputs over a text, input
 * channel by channel. The mean of an input's squares weighs the errors of its column in {@link
 * dev.lathe.tensor.codec.BlockCodec#encode}.
 *
 * <p>Files are GGUF with {@code general.type} "imatrix" and two F32 tensors for each tensor of weights, {@code NAME.in_sum2} and
 * {@code NAME.counts}, as {@code llama-imatrix} writes them and {@code llama-quantize --imatrix} reads them; the older binary
 * {@code .dat} files are read, too. Immutable.
 */
public final class ImportanceMatrix {
    /**
     * What was collected for one tensor; the arrays are not to be changed. A tensor of experts has one matrix for each.
     *
     * @param sums [matrices x columns] sums of squares
     * @param counts [matrices] rows that were summed
     */
    public record Entry(float[] sums, float[] counts) {
        /** Checks sizes, and that the numbers are such as squares and counts give. */
        public Entry {
            if (sums.length == 0 || counts.length == 0 || sums.length % counts.length != 0) {
                throw new IllegalArgumentException(sums.length + " sums of squares and " + counts.length
                        + " counts, expected one count for each matrix of columns");
            }
            requireFinite("sum of squares", sums);
            requireFinite("count", counts);
        }

        private static void requireFinite(String what, float[] numbers) {
            for (int i = 0; i < numbers.length; i++) {
                if (!(numbers[i] >= 0) || numbers[i] == Float.POSITIVE_INFINITY) {
                    throw new IllegalArgumentException(
                            what + " " + i + " is " + numbers[i] + ", expected a finite number not below zero");
                }
            }
        }

        /** Input channels of each matrix. */
        public int columns() {
            return sums.length / counts.length;
        }

        /**
         * Mean squares of the input channels of a matrix, or ones where no row was seen, as when a text never reached an expert.
         *
         * @param matrix number of the matrix; 0 where there is one
         */
        public float[] importances(int matrix) {
            float[] importances = new float[columns()];
            for (int column = 0; column < importances.length; column++) {
                importances[column] =
                        counts[matrix] > 0 ? sums[matrix * importances.length + column] / counts[matrix] : 1;
            }
            return importances;
        }

        /** Of all matrices, [matrices x columns]. */
        public float[] importances() {
            float[] all = new float[sums.length];
            for (int matrix = 0; matrix < counts.length; matrix++) {
                System.arraycopy(importances(matrix), 0, all, matrix * columns(), columns());
            }
            return all;
        }
    }

    private final List<String> datasets;
    private final int chunkCount;
    private final int chunkSize;
    private final SortedMap<String, Entry> entries;

    /**
     * An importance matrix.
     *
     * @param datasets names of the texts
     * @param chunkCount pieces of text that were run
     * @param chunkSize tokens of a piece; 0 where it is not known
     * @param entries by name of the tensor of weights, such as {@code blk.0.attn_q.weight}
     */
    public ImportanceMatrix(List<String> datasets, int chunkCount, int chunkSize, Map<String, Entry> entries) {
        this.datasets = List.copyOf(datasets);
        this.chunkCount = chunkCount;
        this.chunkSize = chunkSize;
        this.entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    /**
     * Reads a file, GGUF or the older format.
     *
     * @throws IllegalArgumentException if it is no importance matrix or its content is wrong
     * @throws dev.lathe.gguf.GgufException if it is a damaged GGUF file
     * @throws IOException if it cannot be read
     */
    public static ImportanceMatrix read(Path file) throws IOException {
        return ImportanceMatrixFile.read(file);
    }

    /**
     * Writes a GGUF file, beside the target and then in its place.
     *
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        ImportanceMatrixFile.write(this, file);
    }

    /** Names of the texts. */
    public List<String> datasets() {
        return datasets;
    }

    /** Pieces of text that were run. */
    public int chunkCount() {
        return chunkCount;
    }

    /** Tokens of a piece; 0 where it is not known. */
    public int chunkSize() {
        return chunkSize;
    }

    /** Names of the tensors of weights, sorted. */
    public Set<String> tensorNames() {
        return entries.keySet();
    }

    /** What was collected for a tensor of weights, if anything was. */
    public Optional<Entry> find(String tensorName) {
        return Optional.ofNullable(entries.get(tensorName));
    }
}
