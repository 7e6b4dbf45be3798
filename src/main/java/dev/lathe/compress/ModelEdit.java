package dev.lathe.compress;

import dev.lathe.gguf.GgufWriter;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.config.PredictionLayers;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockCodec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A model in the making: the tensors and metadata of a source, some of them replaced. Tensors that no transform touched stay
 * in the source, so an edit takes the memory of its replacements only. Not thread-safe while it changes.
 *
 * <p>The source must stay open, and if it is an edit itself unchanged, as long as this edit is read.
 */
public final class ModelEdit implements TensorSource {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final TensorSource source;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, MemorySegment> replaced = new LinkedHashMap<>();
    private final Map<String, TensorInfo> renamed = new LinkedHashMap<>(); // by new name: the source's tensor
    private final Map<String, TensorParts> parts = new LinkedHashMap<>(); // by name: of tensors of the source
    private final List<String> steps = new ArrayList<>(); // recorded since the source
    private Metadata metadata;

    /** An edit that has changed nothing yet but to leave out {@linkplain PredictionLayers layers that are not evaluated}. */
    public ModelEdit(TensorSource source) {
        this.source = source;
        TensorSource evaluated = PredictionLayers.without(source);
        metadata = evaluated.metadata();
        for (TensorInfo tensor : evaluated.tensors()) {
            tensors.put(tensor.name(), tensor);
        }
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    /** Replaces the metadata. */
    public void setMetadata(Metadata metadata) {
        this.metadata = withSteps(Objects.requireNonNull(metadata));
    }

    /** Records a step that the model has gone through, after those it went through before. */
    void addStep(String name) {
        steps.add(name);
        metadata = withSteps(metadata);
    }

    /** Metadata that name the recorded steps; after all other keys, unless the source named steps already. */
    private Metadata withSteps(Metadata changed) {
        if (steps.isEmpty()) {
            return changed;
        }
        Optional<String> earlier = source.metadata().findString(Recipe.METADATA_KEY);
        Metadata.Builder builder = changed.toBuilder();
        if (earlier.isEmpty()) {
            builder.remove(Recipe.METADATA_KEY);
        }
        String all = Stream.concat(earlier.stream(), steps.stream()).collect(Collectors.joining(", "));
        return builder.string(Recipe.METADATA_KEY, all).build();
    }

    /**
     * Writes a GGUF file, beside the target first. Where steps were recorded, it names the model that the first of them was
     * applied to by its {@link SourceHash}.
     *
     * @throws IOException if the source cannot be read or the file cannot be written
     */
    public void save(Path target) throws IOException {
        ModelEdit saved = new ModelEdit(this);
        if (hasSteps() && !metadata.contains(Recipe.SOURCE_KEY)) {
            Metadata.Builder builder = Metadata.builder();
            for (String key : metadata.keys()) {
                builder.put(key, metadata.find(key).orElseThrow());
                if (key.equals(Recipe.METADATA_KEY)) {
                    builder.string(Recipe.SOURCE_KEY, SourceHash.of(origin()));
                }
            }
            saved.setMetadata(builder.build());
        }
        GgufWriter.to(target).copyOf(saved).write();
    }

    private boolean hasSteps() {
        return !steps.isEmpty() || source instanceof ModelEdit edit && edit.hasSteps();
    }

    /** The source that nothing has changed yet. */
    private TensorSource origin() {
        return source instanceof ModelEdit edit ? edit.origin() : source;
    }

    @Override
    public List<TensorInfo> tensors() {
        return new ArrayList<>(tensors.values());
    }

    @Override
    public Optional<TensorInfo> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /**
     * The tensor with this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public TensorInfo require(String name) {
        return tensor(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "the model has no tensor " + name + ", it has " + tensors.size() + " others such as "
                                + tensors.keySet().stream().findFirst().orElse("none")));
    }

    @Override
    public MemorySegment map(TensorInfo tensor, long byteOffset, long byteCount, Arena arena) throws IOException {
        if (!tensor.equals(tensors.get(tensor.name()))) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " is not one of this model's");
        }
        MemorySegment segment = replaced.get(tensor.name());
        if (segment != null) {
            return segment.asSlice(byteOffset, byteCount);
        }
        TensorParts some = parts.get(tensor.name());
        return some == null
                ? source.map(renamed.getOrDefault(tensor.name(), tensor), byteOffset, byteCount, arena)
                : some.map(source, byteOffset, byteCount, arena);
    }

    @Override
    public void requireWhole() throws IOException {
        source.requireWhole();
    }

    /**
     * A tensor decoded to floats.
     *
     * @return [rows x columns], a copy; a vector has one row, and stacked matrices stand one below the other
     * @throws IllegalArgumentException if there is no such tensor, or its type cannot be decoded
     */
    public FloatMatrix floats(String name) throws IOException {
        TensorInfo tensor = require(name);
        int columns = Math.toIntExact(tensor.dimension(0));
        int rows = Math.toIntExact(tensor.elementCount() / columns);
        FloatMatrix result = FloatMatrix.zeros(rows, columns);
        BlockCodec codec = BlockCodec.of(tensor.type());
        byte[] bytes = new byte[Math.toIntExact(tensor.type().byteCount(columns))];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment encoded = map(tensor, 0, tensor.byteCount(), arena);
            for (int row = 0; row < rows; row++) {
                MemorySegment.copy(encoded, ValueLayout.JAVA_BYTE, (long) row * bytes.length, bytes, 0, bytes.length);
                codec.decode(bytes, 0, result.data(), result.offset(row), columns);
            }
        }
        return result;
    }

    /** The type of plain numbers that suits what comes from a tensor: its own, or F16 where that has blocks. */
    public TensorType plainType(String name) {
        TensorType type = require(name).type();
        return type.blockSize() == 1 ? type : TensorType.F16;
    }

    /** Puts a vector in place of a tensor, or adds one, as float32. The array is the edit's from now on. */
    public void putVector(String name, float[] values) {
        put(name, TensorType.F32, List.of((long) values.length), floatSegment(values, values.length));
    }

    /** Puts a matrix in place of a tensor, or adds one, as float32. The array is the edit's from now on. */
    public void putMatrix(String name, FloatMatrix matrix) {
        put(
                name,
                TensorType.F32,
                dimensions(name, matrix),
                floatSegment(matrix.data(), matrix.rows() * matrix.columns()));
    }

    /**
     * Puts a matrix in place of a tensor, or adds one, in a given type.
     *
     * @throws IllegalArgumentException if a row is no whole number of the type's blocks
     * @throws UnsupportedOperationException if the type is decoded only
     */
    public void putMatrix(String name, FloatMatrix matrix, TensorType type) {
        int rowBytes = Math.toIntExact(type.byteCount(matrix.columns()));
        byte[] content = new byte[Math.multiplyExact(rowBytes, matrix.rows())];
        BlockCodec codec = BlockCodec.of(type);
        for (int row = 0; row < matrix.rows(); row++) {
            codec.encode(matrix.data(), matrix.offset(row), null, 0, content, row * rowBytes, matrix.columns());
        }
        put(name, type, dimensions(name, matrix), MemorySegment.ofArray(content));
    }

    /** Puts matrices that stand one below the other in place of a tensor, or adds one; see {@link #putMatrix}. */
    public void putStack(String name, FloatMatrix matrices, int count, TensorType type) {
        putMatrix(name, matrices, type);
        put(name, type, stacked(matrices, count), replaced.get(name));
    }

    /**
     * Puts some parts of a tensor in its own or another's place, or adds them: rows of a matrix, matrices of a stack, elements of
     * a vector. What stands in the source is read there when it is needed.
     *
     * @param name of the tensor of which the parts are
     * @param chosen which parts, by their last dimension, in the order in which they shall stand
     * @throws IllegalArgumentException if there is no such tensor, or a vector's elements are in blocks
     */
    public void putParts(String newName, String name, int... chosen) {
        TensorInfo tensor = require(name);
        MemorySegment segment = replaced.get(name);
        TensorParts earlier = parts.get(name);
        TensorParts some =
                earlier == null ? TensorParts.of(renamed.getOrDefault(name, tensor), chosen) : earlier.parts(chosen);
        if (segment != null) {
            put(newName, tensor.type(), some.dimensions(), some.copy(segment));
            return;
        }
        tensors.put(newName, new TensorInfo(newName, tensor.type(), some.dimensions(), 0, 0));
        replaced.remove(newName);
        renamed.remove(newName);
        parts.put(newName, some);
    }

    /** A matrix that takes the place of stacked ones is a stack of as many. */
    private List<Long> dimensions(String name, FloatMatrix matrix) {
        return tensor(name)
                .filter(tensor -> tensor.dimensions().size() == 3 && matrix.rows() % tensor.dimension(2) == 0)
                .map(tensor -> stacked(matrix, Math.toIntExact(tensor.dimension(2))))
                .orElseGet(() -> List.of((long) matrix.columns(), (long) matrix.rows()));
    }

    private static List<Long> stacked(FloatMatrix matrices, int count) {
        return List.of((long) matrices.columns(), (long) matrices.rows() / count, (long) count);
    }

    /**
     * Puts an encoded tensor in place of one, or adds one.
     *
     * @param dimensions the contiguous axis first
     * @param content the encoded elements; the edit's from now on, and alive as long as it
     * @throws IllegalArgumentException if the content has another size than the type and dimensions say
     */
    public void put(String name, TensorType type, List<Long> dimensions, MemorySegment content) {
        TensorInfo tensor = new TensorInfo(name, type, dimensions, 0, 0);
        if (content.byteSize() != tensor.byteCount()) {
            throw new IllegalArgumentException("tensor " + name + " " + dimensions + " " + type + " takes "
                    + tensor.byteCount() + " bytes, got " + content.byteSize());
        }
        tensors.put(name, tensor);
        replaced.put(name, content.asReadOnly());
        renamed.remove(name);
        parts.remove(name);
    }

    /**
     * Gives a tensor another name.
     *
     * @throws IllegalArgumentException if there is none with the old name, or one with the new
     */
    public void rename(String name, String newName) {
        TensorInfo tensor = require(name);
        if (tensors.containsKey(newName)) {
            throw new IllegalArgumentException(
                    "tensor " + name + " cannot be named " + newName + ": another has that name");
        }
        tensors.put(newName, new TensorInfo(newName, tensor.type(), tensor.dimensions(), 0, 0));
        MemorySegment segment = replaced.get(name);
        if (segment != null) {
            replaced.put(newName, segment);
        } else if (parts.containsKey(name)) {
            parts.put(newName, parts.get(name));
        } else {
            renamed.put(newName, renamed.getOrDefault(name, tensor));
        }
        remove(name);
    }

    /**
     * Removes a tensor.
     *
     * @throws IllegalArgumentException if there is none with this name
     */
    public void remove(String name) {
        tensors.remove(require(name).name());
        replaced.remove(name);
        renamed.remove(name);
        parts.remove(name);
    }

    /** Elements of all tensors but masks and indices, which are bytes. */
    public long parameterCount() {
        return tensors.values().stream()
                .filter(tensor -> tensor.type() != TensorType.I8)
                .mapToLong(TensorInfo::elementCount)
                .sum();
    }

    /** Bytes of all tensors. */
    public long byteCount() {
        return tensors.values().stream().mapToLong(TensorInfo::byteCount).sum();
    }

    /** The floats in the byte order of files. */
    private static MemorySegment floatSegment(float[] values, int count) {
        MemorySegment segment = MemorySegment.ofArray(values).asSlice(0, 4L * count);
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            for (int i = 0; i < count; i++) {
                segment.set(FLOAT, 4L * i, values[i]);
            }
        }
        return segment;
    }
}
