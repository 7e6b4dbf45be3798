package dev.lathe.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** A search finds what comparing every vector finds. */
@OnEveryKernelSet
class DatastoreSearchProperties {
    private static final TensorType[] TYPES = {TensorType.F32, TensorType.F16, TensorType.BF16};

    /** Whole numbers, whose products every type has exactly. */
    private static float[] vector(Random random, int dimensions) {
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = random.nextInt(7) - 3;
        }
        return vector;
    }

    private static double score(Similarity similarity, float[] query, float[] vector) {
        double score = 0;
        for (int i = 0; i < query.length; i++) {
            double difference = query[i] - vector[i];
            score += similarity == Similarity.EUCLIDEAN ? -difference * difference : query[i] * vector[i];
        }
        return score;
    }

    @Property(tries = 25)
    void theNearestOfAllAreFoundInTheirOrder(
            @ForAll @IntRange(min = 1, max = 40) int dimensions,
            @ForAll @IntRange(min = 0, max = 2200) int size,
            @ForAll @IntRange(min = 1, max = 70) int queryCount,
            @ForAll @IntRange(min = 1, max = 50) int count,
            @ForAll boolean isEuclidean,
            @ForAll @IntRange(min = 1, max = 3) int threads,
            @ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        Similarity similarity = isEuclidean ? Similarity.EUCLIDEAN : Similarity.INNER_PRODUCT;
        DatastoreOptions options =
                DatastoreOptions.of(dimensions).type(TYPES[random.nextInt(3)]).similarity(similarity);
        List<float[]> vectors = IntStream.range(0, size)
                .mapToObj(i -> vector(random, dimensions))
                .toList();
        int modulus = 1 + random.nextInt(3);
        Path file = Files.createTempFile("search", ".store");
        Files.delete(file);
        try (Workers workers = Workers.of(threads);
                Datastore store = Datastore.open(file, options, workers)) {
            for (int from = 0; from < size; from += 700) { // searched between, so that the last block changes
                store.append(IntStream.range(from, Math.min(size, from + 700))
                        .mapToObj(id -> Entry.of(vectors.get(id), id % modulus))
                        .toList());
                store.search(vector(random, dimensions), 3);
            }
            int removed = size == 0 ? -1 : random.nextInt(size);
            if (size > 0) {
                store.remove(removed);
            }
            FloatMatrix queries = FloatMatrix.zeros(queryCount, dimensions);
            for (int row = 0; row < queryCount; row++) {
                System.arraycopy(vector(random, dimensions), 0, queries.data(), queries.offset(row), dimensions);
            }
            List<List<Neighbor>> found = store.searchAll(queries, count, (id, label) -> label == 0);
            for (int row = 0; row < queryCount; row++) {
                float[] query = queries.row(row);
                List<Neighbor> all = new ArrayList<>();
                for (int id = 0; id < size; id++) {
                    if (id != removed && id % modulus == 0) {
                        all.add(new Neighbor(id, (float) score(similarity, query, vectors.get(id)), 0));
                    }
                }
                all.sort(Comparator.comparing(Neighbor::score).reversed().thenComparing(Neighbor::id));
                assertEquals(all.subList(0, Math.min(count, all.size())), found.get(row));
            }
        } finally {
            Files.delete(file);
        }
    }

    @Property(tries = 15)
    void cosinesOfAnyVectorsAreTheOnesOfTheirAngles(
            @ForAll @IntRange(min = 1, max = 1100) int size, @ForAll boolean isQuantized, @ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        int dimensions = 96;
        DatastoreOptions options = DatastoreOptions.of(dimensions).type(isQuantized ? TensorType.Q8_0 : TensorType.F32);
        Path file = Files.createTempFile("search", ".store");
        Files.delete(file);
        try (Datastore store = Datastore.open(file, options)) {
            List<Entry> entries = new ArrayList<>();
            for (int id = 0; id < size; id++) {
                float[] vector = new float[dimensions];
                for (int i = 0; i < dimensions; i++) {
                    vector[i] = (float) (random.nextGaussian() * Math.pow(10, id % 9 - 4));
                }
                entries.add(Entry.of(vector, 0));
            }
            store.append(entries);
            float[] query = entries.get(random.nextInt(size)).vector();
            List<Neighbor> found = store.search(query, size);
            assertEquals(size, found.size());
            double tolerance = isQuantized ? 0.02 : 1e-6;
            for (Neighbor neighbor : found) {
                double cosine = dev.lathe.Embeddings.cosine(
                        query, entries.get(neighbor.id()).vector());
                assertEquals(cosine, neighbor.score(), tolerance);
            }
            assertTrue(found.getFirst().score() > 0.98, found.getFirst().toString());
        } finally {
            Files.delete(file);
        }
    }
}
