package dev.lathe.retrieval;

import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Vectors with labels and payloads, in one file that is appended to, searched exactly.
 *
 * <p>An entry has an id: 0, 1, 2 in the order of appending. What {@link #append} or {@link #remove} returned from is on
 * the disk: nothing that happens to the process later loses it, and the next opening finds it. Of a call that was under
 * way when the process died, some first entries may be there.
 *
 * <p>A search compares the query with every vector; there is no approximation to tune. Vectors are in memory outside
 * the Java heap in the layout of weights, so a search is one product with a matrix, by the same kernels and at the
 * speed that memory is read with. Its results have the same bits on every machine, and of equal scores the lower id
 * comes first.
 *
 * <p>Thread-safe. Searches run one after the other, each on all workers, also while something is appended.
 *
 * <p>After Khandelwal et al., "Generalization through Memorization", 2020, arXiv 1911.00172, and Shao et al., "Scaling
 * Retrieval-Based Language Models with a Trillion-Token Datastore", 2024, arXiv 2407.12854, whose stores are filtered
 * and deduplicated too.
 */
public final class Datastore implements AutoCloseable {
    private static final int QUERIES_TOGETHER = 64;
    private static final int COPIED_TOGETHER = 4096;

    private final Path file;
    private final DatastoreOptions options;
    private final Records records;
    private final RecordLog log;
    private final Object writing = new Object(); // who appends or removes; taken before the index
    private final EntryTable table; // changed by whoever has both
    private final VectorBlocks blocks; // guarded by this
    private volatile String refusal; // why nothing can be done any more; null while it can

    private Datastore(Path file, DatastoreOptions options, Workers workers) throws IOException {
        this.file = file;
        this.options = options;
        records = new Records(file, options);
        table = new EntryTable(options.deduplicates());
        blocks = new VectorBlocks(
                options.dimensions(), options.type(), options.similarity() == Similarity.EUCLIDEAN, workers);
        try {
            log = openLog();
        } catch (IOException | RuntimeException | Error failure) {
            blocks.close();
            throw failure;
        }
    }

    private RecordLog openLog() throws IOException {
        RecordLog opened = RecordLog.open(file, Records.mostBytes(options), this::replay);
        if (opened.end() == RecordLog.MAGIC.length) {
            try {
                opened.append(List.of(records.header()));
            } catch (IOException | RuntimeException | Error failure) {
                opened.close();
                throw failure;
            }
        }
        return opened;
    }

    /** Opens a datastore that the calling thread searches alone; see {@link #open(Path, DatastoreOptions, Workers)}. */
    public static Datastore open(Path file, DatastoreOptions options) throws IOException {
        return open(file, options, Workers.single());
    }

    /**
     * Opens a file, or makes it. Its vectors are read into memory. The caller closes it.
     *
     * @param workers the threads that search; they stay the caller's
     * @throws DatastoreException if the file is damaged, is no datastore, has other options, or is open already
     * @throws IOException if it cannot be read or written
     * @throws dev.lathe.tensor.store.InsufficientMemoryException if the machine has not enough memory for the vectors
     */
    public static Datastore open(Path file, DatastoreOptions options, Workers workers) throws IOException {
        return new Datastore(
                Objects.requireNonNull(file, "file"),
                Objects.requireNonNull(options, "options"),
                Objects.requireNonNull(workers, "workers"));
    }

    private void replay(ByteBuffer body, long position) throws IOException {
        switch (records.read(body, position, table.size())) {
            case Records.Header _ -> {}
            case Records.Added added -> add(added, position);
            case Records.Removed removed -> removed.ids().forEach(table::remove);
        }
    }

    private void add(Records.Added added, long position) {
        long hash = options.deduplicates() ? Records.hash(added.body()) : 0;
        blocks.add(added.body(), Records.VECTOR);
        table.add(added.label(), position, added.body().length, hash);
    }

    /** What it holds. */
    public DatastoreOptions options() {
        return options;
    }

    /** Entries that are not removed. */
    public synchronized int size() {
        return table.live();
    }

    /** Ids given so far: every entry's is less. */
    public synchronized int nextId() {
        return table.size();
    }

    /** Appends an entry; see {@link #append(List)}. */
    public int append(Entry entry) throws IOException {
        return append(List.of(entry))[0];
    }

    /**
     * Appends entries. When it returns they are on the disk and can be found. After a failure none is there. Many
     * entries in one call cost little more than one: what takes time is the disk.
     *
     * @return their ids; where equal entries are not kept, the id of the one that was there
     * @throws IllegalArgumentException if a vector is not as long as all others, not finite, or zeros where cosines are
     *     compared; nothing is appended
     * @throws IOException if they cannot be written
     */
    public int[] append(List<Entry> entries) throws IOException {
        synchronized (writing) {
            requireUsable();
            List<byte[]> bodies = new ArrayList<>();
            int[] ids = new int[entries.size()];
            Map<ByteBuffer, Integer> pending = new HashMap<>();
            for (int i = 0; i < ids.length; i++) {
                byte[] body = records.entry(entries.get(i), i);
                int equal = options.deduplicates() ? find(body, pending) : -1;
                ids[i] = equal >= 0 ? equal : table.size() + bodies.size();
                if (equal < 0) {
                    bodies.add(body);
                    pending.put(ByteBuffer.wrap(body), ids[i]);
                }
            }
            if (table.size() + (long) bodies.size() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "a datastore of " + table.size() + " entries has no room for " + bodies.size() + " more");
            }
            write(bodies, (body, position) -> add(records.added(body), position));
            return ids;
        }
    }

    private int find(byte[] body, Map<ByteBuffer, Integer> pending) throws IOException {
        Integer other = pending.get(ByteBuffer.wrap(body));
        if (other != null) {
            return other;
        }
        long hash = Records.hash(body);
        try {
            return table.find(hash, id -> records.isSame(log, table.position(id), table.length(id), body));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** What becomes of a record that is on the disk. */
    private interface Effect {
        void accept(byte[] body, long position);
    }

    private void write(List<byte[]> bodies, Effect effect) throws IOException {
        long[] positions = log.append(bodies);
        synchronized (this) {
            try {
                for (int i = 0; i < positions.length; i++) {
                    effect.accept(bodies.get(i), positions[i]);
                }
            } catch (RuntimeException | Error failure) {
                refusal = "has entries on the disk that memory had no room for: close it and open it again";
                throw failure;
            }
        }
    }

    /**
     * Removes entries: they are found no more. Their ids are not given again, and their bytes stay in the file until it
     * is {@linkplain #copyTo copied}. When it returns this is on the disk.
     *
     * @return how many were there
     * @throws IllegalArgumentException if an id was never given; nothing is removed
     * @throws IOException if it cannot be written
     */
    public int remove(int... ids) throws IOException {
        synchronized (writing) {
            requireUsable();
            Set<Integer> live = new LinkedHashSet<>();
            for (int id : ids) {
                if (id < 0 || id >= table.size()) {
                    throw new IllegalArgumentException(
                            "there is no entry " + id + " to remove: ids are less than " + table.size());
                }
                if (!table.isRemoved(id)) {
                    live.add(id);
                }
            }
            if (!live.isEmpty()) {
                write(List.of(Records.removal(live)), (body, position) -> live.forEach(table::remove));
            }
            return live.size();
        }
    }

    /** The nearest entries; see {@link #search(float[], int, EntryFilter)}. */
    public List<Neighbor> search(float[] query, int count) {
        return search(query, count, EntryFilter.ALL);
    }

    /**
     * The entries nearest to a query, the nearest first.
     *
     * @param count the most to find, at least 1
     * @param filter which entries may be found
     * @throws IllegalArgumentException if the query is not as long as the vectors, or is not finite
     */
    public List<Neighbor> search(float[] query, int count, EntryFilter filter) {
        return searchAll(new FloatMatrix(query, 1, query.length), count, filter).getFirst();
    }

    /**
     * The entries nearest to each of several queries, which cost little more together than one.
     *
     * @param queries [queries x dimensions]
     * @param count the most to find for each, at least 1
     * @param filter which entries may be found
     * @return for each query its entries, the nearest first
     * @throws IllegalArgumentException if queries are not as long as the vectors, or are not finite
     */
    public List<List<Neighbor>> searchAll(FloatMatrix queries, int count, EntryFilter filter) {
        Objects.requireNonNull(filter, "filter");
        if (count < 1) {
            throw new IllegalArgumentException("a search for " + count + " entries: expected at least 1");
        }
        List<List<Neighbor>> found = new ArrayList<>();
        for (int from = 0; from < queries.rows(); from += QUERIES_TOGETHER) {
            int rows = Math.min(QUERIES_TOGETHER, queries.rows() - from);
            Activations input = new Activations(rows, options.dimensions());
            for (int row = 0; row < rows; row++) {
                float[] query = records.prepared(queries.row(from + row), "query " + (from + row));
                System.arraycopy(query, 0, input.matrix().data(), input.matrix().offset(row), query.length);
            }
            input.set(rows);
            synchronized (this) {
                requireUsable();
                Search search = new Search(options.similarity(), input, count, filter, table, blocks);
                blocks.multiply(input, search);
                found.addAll(search.found());
            }
        }
        return found;
    }

    /** The vector of an entry as it is stored: rounded to the type, of length 1 where cosines are compared. */
    public synchronized float[] vector(int id) {
        requireUsable();
        return blocks.row(Objects.checkIndex(id, table.size()));
    }

    /** The label of an entry. */
    public synchronized int label(int id) {
        return table.label(Objects.checkIndex(id, table.size()));
    }

    /**
     * The payload of an entry, read from the file.
     *
     * @throws IOException if it cannot be read
     */
    public byte[] payload(int id) throws IOException {
        long position;
        int length;
        synchronized (this) {
            requireUsable();
            position = table.position(Objects.checkIndex(id, table.size())) + records.payload();
            length = table.length(id) - records.payload();
        }
        return log.read(position, length);
    }

    /**
     * Writes another datastore with the entries that are not removed and pass a filter, in their order and with ids
     * from 0 on. It appears under its name when it is whole.
     *
     * @param target a new file
     * @param filter which entries are copied
     * @return how many were copied
     * @throws java.nio.file.FileAlreadyExistsException if there is such a file
     * @throws IOException if one cannot be read or the other not written
     */
    public int copyTo(Path target, EntryFilter filter) throws IOException {
        Objects.requireNonNull(filter, "filter");
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        Files.deleteIfExists(partial);
        synchronized (writing) {
            requireUsable();
            int copied = 0;
            try {
                RecordLog copy = RecordLog.open(partial, Records.mostBytes(options), (body, position) -> {});
                try (copy) {
                    copy.append(List.of(records.header()));
                    List<byte[]> some = new ArrayList<>();
                    for (int id = 0; id < table.size(); id++) {
                        if (!table.isRemoved(id) && filter.accepts(id, table.label(id))) {
                            some.add(log.read(table.position(id), table.length(id)));
                            copied++;
                        }
                        if (some.size() == COPIED_TOGETHER || id == table.size() - 1) {
                            copy.append(some);
                            some.clear();
                        }
                    }
                }
                move(partial, target);
            } finally {
                Files.deleteIfExists(partial);
            }
            return copied;
        }
    }

    private static void move(Path partial, Path target) throws IOException {
        try {
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(partial, target);
        }
    }

    private void requireUsable() {
        if (refusal != null) {
            throw new IllegalStateException(file + " " + refusal);
        }
    }

    /** Frees the memory and lets others open the file; later calls throw {@code IllegalStateException}. */
    @Override
    public void close() throws IOException {
        synchronized (writing) {
            synchronized (this) {
                refusal = "is closed";
                blocks.close();
                log.close();
            }
        }
    }
}
