package dev.lathe.compress;

import dev.lathe.compress.ImportanceMatrix.Entry;
import dev.lathe.file.HeapBudget;
import dev.lathe.file.InputFile;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Importance matrices in GGUF files. */
final class ImportanceMatrixFile {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final byte[] MAGIC = {'G', 'G', 'U', 'F'};
    private static final String TYPE = "general.type";
    private static final String IMATRIX = "imatrix";
    private static final String DATASETS = "imatrix.datasets";
    private static final String CHUNK_COUNT = "imatrix.chunk_count";
    private static final String CHUNK_SIZE = "imatrix.chunk_size";
    private static final String SUMS = ".in_sum2";
    private static final String COUNTS = ".counts";

    private ImportanceMatrixFile() {}

    static ImportanceMatrix read(Path path) throws IOException {
        if (!isGguf(path)) {
            return LegacyImportanceMatrix.read(path);
        }
        try (GgufFile file = GgufFile.open(path)) {
            Metadata metadata = file.metadata();
            String type = metadata.findString(TYPE).orElse("absent");
            if (!type.equals(IMATRIX)) {
                throw new IllegalArgumentException(path + ": " + TYPE + " is " + type + ", expected " + IMATRIX
                        + "; give a file that llama-imatrix wrote");
            }
            return new ImportanceMatrix(
                    metadata.strings(DATASETS),
                    metadata.intValue(CHUNK_COUNT),
                    metadata.intValue(CHUNK_SIZE),
                    entries(path, file));
        }
    }

    private static boolean isGguf(Path path) throws IOException {
        ByteBuffer magic = ByteBuffer.allocate(MAGIC.length);
        try (InputFile file = InputFile.open(path)) {
            file.fill(magic);
        }
        return Arrays.equals(magic.array(), MAGIC);
    }

    private static Map<String, Entry> entries(Path path, GgufFile file) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        HeapBudget budget = HeapBudget.halfOfHeap();
        for (TensorInfo tensor : file.tensors()) {
            if (tensor.name().endsWith(SUMS)) {
                String name = tensor.name().substring(0, tensor.name().length() - SUMS.length());
                TensorInfo counts = file.tensor(name + COUNTS)
                        .orElseThrow(() -> new IllegalArgumentException(
                                path + ": " + tensor.name() + " has no tensor " + name + COUNTS + " beside it"));
                try {
                    entries.put(name, new Entry(floats(file, tensor, budget), floats(file, counts, budget)));
                } catch (IllegalArgumentException wrong) {
                    throw new IllegalArgumentException(path + ": " + name + ": " + wrong.getMessage(), wrong);
                }
            }
        }
        return entries;
    }

    private static float[] floats(GgufFile file, TensorInfo tensor, HeapBudget budget) throws IOException {
        if (tensor.type() != TensorType.F32) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " is " + tensor.type() + ", expected F32");
        }
        if (tensor.byteCount() > Integer.MAX_VALUE || !budget.take(tensor.byteCount())) {
            throw new IllegalArgumentException(
                    "with tensor " + tensor.name() + " of " + tensor.byteCount() + " bytes it " + budget.refusal());
        }
        try (Arena arena = Arena.ofConfined()) {
            return file.map(tensor, arena).toArray(FLOAT);
        }
    }

    static void write(ImportanceMatrix matrix, Path path) throws IOException {
        GgufWriter writer = GgufWriter.to(path)
                .metadata(Metadata.builder()
                        .string(TYPE, IMATRIX)
                        .strings(DATASETS, matrix.datasets())
                        .uint32(CHUNK_COUNT, matrix.chunkCount())
                        .uint32(CHUNK_SIZE, matrix.chunkSize())
                        .build());
        for (String name : matrix.tensorNames()) {
            Entry entry = matrix.find(name).orElseThrow();
            tensor(writer, name + SUMS, entry.columns(), entry.sums());
            tensor(writer, name + COUNTS, 1, entry.counts());
        }
        writer.write();
    }

    private static void tensor(GgufWriter writer, String name, long columns, float[] numbers) {
        long rows = numbers.length / columns;
        List<Long> dimensions = rows == 1 ? List.of(columns) : List.of(columns, rows);
        MemorySegment bytes = MemorySegment.ofArray(new byte[4 * numbers.length]);
        MemorySegment.copy(numbers, 0, bytes, FLOAT, 0, numbers.length);
        writer.tensor(name, TensorType.F32, dimensions, GgufWriter.Content.of(bytes));
    }
}
