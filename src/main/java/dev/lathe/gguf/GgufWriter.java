package dev.lathe.gguf;

import dev.lathe.file.OutputFile;
import dev.lathe.file.StagedFiles;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a GGUF file of version 3, or a split set: collects metadata and tensors, then streams them.
 *
 * <pre>{@code
 * GgufWriter.to(path)
 *         .metadata(metadata)
 *         .tensor("output.weight", TensorType.F32, List.of(256L, 4096L), channel -> channel.write(bytes))
 *         .write();
 * }</pre>
 *
 * <p>The data is aligned as the metadata's {@code general.alignment} says, or to 32 bytes. Not thread-safe.
 */
public final class GgufWriter {
    /** Readers keep names in 64 bytes with a terminating zero. */
    private static final int MAX_TENSOR_NAME_BYTES = 63;

    private static final int COPY_BYTES = 64 << 20;

    private static final int PORTION_BYTES = 1 << 20;

    /** Produces a tensor's bytes at the moment they are written. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes exactly as many bytes as the tensor has.
         *
         * @param channel takes all of each buffer it is given
         */
        void writeTo(WritableByteChannel channel) throws IOException;

        /** All bytes of a segment, which must stay alive and unchanged until the file is written. */
        static Content of(MemorySegment segment) {
            return channel -> copy(segment, channel);
        }

        /** The bytes of a source's tensor; the source must stay open until the file is written. */
        static Content of(TensorSource source, TensorInfo tensor) {
            return channel -> {
                for (long offset = 0; offset < tensor.byteCount(); offset += COPY_BYTES) {
                    try (Arena arena = Arena.ofConfined()) {
                        long byteCount = Math.min(COPY_BYTES, tensor.byteCount() - offset);
                        copy(source.map(tensor, offset, byteCount, arena), channel);
                    }
                }
            };
        }

        private static void copy(MemorySegment segment, WritableByteChannel channel) throws IOException {
            byte[] bytes = new byte[(int) Math.min(PORTION_BYTES, segment.byteSize())];
            for (long offset = 0; offset < segment.byteSize(); offset += bytes.length) {
                int byteCount = (int) Math.min(bytes.length, segment.byteSize() - offset);
                MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, bytes, 0, byteCount);
                channel.write(ByteBuffer.wrap(bytes, 0, byteCount));
            }
        }
    }

    private final Path target;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final List<Content> contents = new ArrayList<>();
    private Metadata metadata = Metadata.builder().build();
    private long maxBytes = Long.MAX_VALUE;
    private int maxTensors = Integer.MAX_VALUE;

    private GgufWriter(Path target) {
        this.target = target;
    }

    /**
     * A writer of this file, which is replaced if it exists: the new file takes the permissions of the old one, and the
     * place of what a symbolic link points to. Only regular files are replaced.
     */
    public static GgufWriter to(Path target) {
        return new GgufWriter(target);
    }

    /** Sets the metadata, in place of what was set before. */
    public GgufWriter metadata(Metadata metadata) {
        this.metadata = Objects.requireNonNull(metadata);
        return this;
    }

    /** Takes the metadata and all tensors of a source, which must stay open and unchanged until the file is written. */
    public GgufWriter copyOf(TensorSource source) {
        metadata(source.metadata());
        for (TensorInfo tensor : source.tensors()) {
            tensor(tensor.name(), tensor.type(), tensor.dimensions(), Content.of(source, tensor));
        }
        return this;
    }

    /**
     * Adds a tensor; tensors are written in the order they are added.
     *
     * @param dimensions 1 to 4 lengths, the contiguous axis first
     * @param content produces the tensor's bytes when the file is written
     * @throws IllegalArgumentException if the name was added before or has more than 63 bytes, or the dimensions are
     *     not possible for the type
     */
    public GgufWriter tensor(String name, TensorType type, List<Long> dimensions, Content content) {
        if (Utf8.encode(name).length > MAX_TENSOR_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "tensor " + name + " has a name of more than " + MAX_TENSOR_NAME_BYTES + " bytes");
        }
        if (tensors.putIfAbsent(name, new TensorInfo(name, type, dimensions, 0, 0)) != null) {
            throw new IllegalArgumentException("tensor " + name + " was added before");
        }
        contents.add(Objects.requireNonNull(content));
        return this;
    }

    /**
     * Splits what does not fit into files of at most so many bytes: {@code NAME.gguf} becomes
     * {@code NAME-00001-of-0000N.gguf} and so on, of which the first holds all metadata.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public GgufWriter maxBytesPerFile(long byteCount) {
        maxBytes = requirePositive(byteCount, "bytes");
        return this;
    }

    /**
     * Splits into files of at most so many tensors; see {@link #maxBytesPerFile}.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public GgufWriter maxTensorsPerFile(int tensorCount) {
        maxTensors = (int) requirePositive(tensorCount, "tensors");
        return this;
    }

    private static long requirePositive(long value, String what) {
        if (value < 1) {
            throw new IllegalArgumentException("files of at most " + value + " " + what + ": expected at least 1");
        }
        return value;
    }

    /**
     * Writes the file: into a new one beside the target, which then takes the target's place in one step. After a
     * failure there is no new file and the target is as it was; so too with all files of a split set. What a killed process
     * left, {@code NAME.*.part}, is removed by the next that writes the same target; a set's former files, {@code
     * NAME.*.old}, stay.
     *
     * @return the files written, of which the first opens all
     * @throws IOException if a file cannot be written, a target is no regular file, or a content fails
     * @throws java.io.InterruptedIOException if the thread is interrupted; it stays so
     * @throws IllegalStateException if a content has another size than its tensor
     * @throws IllegalArgumentException if the header has more than 64 MiB or arrays nested more than 8 deep, or a file
     *     would have more bytes than allowed with its first tensor alone
     * @throws GgufException if the metadata's alignment is no power of two up to 1 MiB
     */
    public List<Path> write() throws IOException {
        List<SplitPlan.File> plan = SplitPlan.of(metadata, List.copyOf(tensors.values()), maxBytes, maxTensors)
                .files();
        List<Path> targets = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            targets.add(plan.size() == 1 ? target : target.resolveSibling(splitName(i, plan.size())));
        }
        try (StagedFiles staged = new StagedFiles(targets)) {
            int firstTensor = 0;
            for (int i = 0; i < plan.size(); i++) {
                try (OutputFile file = staged.create(i)) {
                    write(plan.get(i), firstTensor, file);
                }
                firstTensor += plan.get(i).tensors().size();
            }
            staged.commit();
        }
        return List.copyOf(targets);
    }

    private String splitName(int index, int count) {
        return target.getFileName().toString().replaceFirst("\\.gguf$", "") + SplitSet.suffix(index, count);
    }

    private void write(SplitPlan.File plan, int firstTensor, OutputFile file) throws IOException {
        long alignment = Header.alignment(metadata);
        byte[] header = HeaderWriter.write(plan.metadata(), plan.tensors());
        new CountedChannel(file, "header", header.length).write(ByteBuffer.wrap(header));
        pad(file, alignment);
        int index = firstTensor;
        for (TensorInfo tensor : plan.tensors()) {
            CountedChannel channel = new CountedChannel(file, "tensor " + tensor.name(), tensor.byteCount());
            contents.get(index++).writeTo(channel);
            channel.checkComplete();
            pad(file, alignment);
        }
    }

    private static void pad(OutputFile file, long alignment) throws IOException {
        long position = file.position();
        int missing = (int) (Header.align(position, alignment) - position);
        new CountedChannel(file, "padding", missing).write(ByteBuffer.allocate(missing));
    }

    /** Passes on no more bytes than expected, in portions that bound the copies made for buffers on the heap. */
    private static final class CountedChannel implements WritableByteChannel {
        private final OutputFile file;
        private final String what;
        private final long expected;
        private long written;

        CountedChannel(OutputFile file, String what, long expected) {
            this.file = file;
            this.what = what;
            this.expected = expected;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int byteCount = source.remaining();
            written += byteCount;
            if (written > expected) {
                throw wrongSize("at least " + written);
            }
            int end = source.limit();
            while (source.position() < end) {
                source.limit(Math.min(end, source.position() + PORTION_BYTES));
                file.write(source);
            }
            return byteCount;
        }

        void checkComplete() {
            if (written != expected) {
                throw wrongSize(Long.toString(written));
            }
        }

        private IllegalStateException wrongSize(String found) {
            return new IllegalStateException(
                    what + " has a content of " + found + " bytes, expected " + expected + "; nothing was written");
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        /** Does nothing: the file stays open for what follows. */
        @Override
        public void close() {}
    }
}
