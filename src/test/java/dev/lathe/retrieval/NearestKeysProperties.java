package dev.lathe.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class NearestKeysProperties {
    @Property(tries = 300)
    void theBestAreKeptInOrderWhateverCameFirst(
            @ForAll @Size(max = 60) List<@FloatRange(min = -1e30f, max = 1e30f) Float> scores,
            @ForAll @IntRange(min = 1, max = 20) int most,
            @ForAll @IntRange(min = 0, max = 59) int split) {
        NearestKeys first = new NearestKeys(most);
        NearestKeys second = new NearestKeys(most);
        for (int id = scores.size() - 1; id >= 0; id--) {
            NearestKeys target = id < split ? first : second;
            if (target.wants(scores.get(id), id)) {
                target.offer(NearestKeys.key(scores.get(id), id));
            }
        }
        first.offerAll(second);
        int[] expected = IntStream.range(0, scores.size())
                .boxed()
                .sorted((a, b) -> scores.get(a) + 0.0f == scores.get(b) + 0.0f
                        ? Integer.compare(a, b)
                        : Float.compare(scores.get(b), scores.get(a)))
                .limit(most)
                .mapToInt(Integer::intValue)
                .toArray();
        long[] keys = first.descending();
        assertArrayEquals(
                expected,
                java.util.Arrays.stream(keys).mapToInt(NearestKeys::id).toArray());
        for (int rank = 0; rank < keys.length; rank++) {
            assertEquals(scores.get(expected[rank]) + 0.0f, NearestKeys.score(keys[rank]));
        }
    }
}
