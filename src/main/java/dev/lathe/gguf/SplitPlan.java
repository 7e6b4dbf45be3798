package dev.lathe.gguf;

import dev.lathe.gguf.MetadataValue.IntegerValue;
import java.util.ArrayList;
import java.util.List;

/**
 * Which tensors go to which file of a split set: in order, as many to each file as it may hold.
 *
 * @param files the metadata and the tensors of each; the first has all metadata, the others what ties the set together
 */
record SplitPlan(List<File> files) {
    /** Readers keep the count in 16 bits, and names have five digits. */
    private static final int MAX_FILES = 65_535;

    /**
     * One file.
     *
     * @param metadata all keys of its header
     * @param tensors with their offsets in it
     */
    record File(Metadata metadata, List<TensorInfo> tensors) {}

    /**
     * Plans a set; where one file is enough, it is a plain file.
     *
     * @param maxBytes of one file, its header included
     * @param maxTensors of one file
     * @throws IllegalArgumentException if the first header or a tensor alone needs more than one file's bytes
     */
    static SplitPlan of(Metadata metadata, List<TensorInfo> tensors, long maxBytes, int maxTensors) {
        long alignment = Header.alignment(metadata);
        if (tensors.size() <= maxTensors && new Size(metadata, alignment).plus(tensors) <= maxBytes) {
            return new SplitPlan(List.of(new File(metadata, layOut(tensors, alignment))));
        }
        Metadata bare = bare(metadata);
        List<List<TensorInfo>> lists = new ArrayList<>(List.of(new ArrayList<>()));
        Size size = new Size(tie(metadata, 0, 0, 0), alignment);
        requireFits("the metadata", size.byteCount(), maxBytes);
        for (TensorInfo tensor : tensors) {
            if (lists.getLast().size() == maxTensors || size.plus(List.of(tensor)) > maxBytes) {
                lists.add(new ArrayList<>());
                size = new Size(tie(bare, 0, 0, 0), alignment);
                requireFits("tensor " + tensor.name(), size.plus(List.of(tensor)), maxBytes);
            }
            lists.getLast().add(tensor);
            size.add(tensor);
        }
        if (lists.size() > MAX_FILES) {
            throw new IllegalArgumentException("a split set of " + lists.size() + " files, but one has at most "
                    + MAX_FILES + "; allow more bytes or tensors in a file");
        }
        List<File> files = new ArrayList<>();
        for (int i = 0; i < lists.size(); i++) {
            Metadata keys = tie(i == 0 ? metadata : bare, i, lists.size(), tensors.size());
            files.add(new File(keys, layOut(lists.get(i), alignment)));
        }
        return new SplitPlan(List.copyOf(files));
    }

    private static void requireFits(String what, long byteCount, long maxBytes) {
        if (byteCount > maxBytes) {
            throw new IllegalArgumentException(what + " alone makes a file of " + byteCount
                    + " bytes, but a file may have " + maxBytes + "; allow at least " + byteCount);
        }
    }

    private static Metadata bare(Metadata metadata) {
        Metadata.Builder keys = Metadata.builder();
        metadata.find(Header.ALIGNMENT_KEY).ifPresent(alignment -> keys.put(Header.ALIGNMENT_KEY, alignment));
        return keys.build();
    }

    private static Metadata tie(Metadata metadata, int index, int count, int tensorCount) {
        return metadata.toBuilder()
                .put(SplitSet.INDEX_KEY, new IntegerValue(MetadataType.UINT16, index))
                .put(SplitSet.COUNT_KEY, new IntegerValue(MetadataType.UINT16, count))
                .put(SplitSet.TENSOR_COUNT_KEY, new IntegerValue(MetadataType.INT32, tensorCount))
                .build();
    }

    private static List<TensorInfo> layOut(List<TensorInfo> tensors, long alignment) {
        List<TensorInfo> laidOut = new ArrayList<>();
        long offset = 0;
        for (TensorInfo tensor : tensors) {
            laidOut.add(new TensorInfo(tensor.name(), tensor.type(), tensor.dimensions(), offset, 0));
            offset = Header.align(Math.addExact(offset, tensor.byteCount()), alignment);
        }
        return List.copyOf(laidOut);
    }

    /** Counts the bytes of a file that grows by tensors. */
    private static final class Size {
        private static final Metadata NOTHING = Metadata.builder().build();
        private static final int EMPTY_HEADER = HeaderWriter.write(NOTHING, List.of()).length;

        private final long alignment;
        private long header;
        private long data;

        Size(Metadata metadata, long alignment) {
            this.alignment = alignment;
            header = HeaderWriter.write(metadata, List.of()).length;
        }

        void add(TensorInfo tensor) {
            header += HeaderWriter.write(NOTHING, List.of(tensor)).length - EMPTY_HEADER;
            data = Header.align(Math.addExact(data, tensor.byteCount()), alignment);
        }

        long byteCount() {
            return Math.addExact(Header.align(header, alignment), data);
        }

        /** What it would be with more tensors. */
        long plus(List<TensorInfo> tensors) {
            long oldHeader = header;
            long oldData = data;
            tensors.forEach(this::add);
            long byteCount = byteCount();
            header = oldHeader;
            data = oldData;
            return byteCount;
        }
    }
}
