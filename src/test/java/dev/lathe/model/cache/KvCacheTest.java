package dev.lathe.model.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.model.CacheType;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KvCacheTest {
    private static final int TILE = PageShape.TILE;
    private static final int POSITIONS = 300;

    private static LayerConfig layer(int keySize, int valueSize) {
        return LayerConfig.builder(2, 2, keySize, valueSize).build();
    }

    private static KvCache cache(LayerConfig layer, CacheType type) {
        return KvCache.of(layer, POSITIONS, type, KernelChoice.best().cache());
    }

    private static float[] random(int seed, int length) {
        Random random = new Random(seed);
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    private static void write(KvCache cache, int position, int seed) {
        float[] keys = random(seed, cache.shape().heads() * cache.shape().keySize());
        float[] values = random(-seed, cache.shape().heads() * cache.shape().valueSize());
        cache.write(position, keys, 0, values, 0);
    }

    /** Keys and values of one position, as attention reads them. */
    private static float[] read(KvCache cache, int position, LayerConfig layer) {
        float[] scratch = new float[PageShape.tileSize(layer)];
        float[] read = new float
                [cache.shape().heads()
                        * (cache.shape().keySize() + cache.shape().valueSize())];
        int at = 0;
        for (int head = 0; head < cache.shape().heads(); head++) {
            KvPage page = cache.pageOf(position);
            int inPage = position % page.shape.positions();
            int tile = inPage / TILE * TILE;
            float[] keys = page.keyTile(head, tile, scratch);
            for (int d = 0; d < layer.keySize(); d++) {
                read[at++] = keys[page.keyTileOffset(head, tile) + d * TILE + inPage % TILE];
            }
            float[] values = page.valueTile(head, tile, scratch);
            int from = page.valueTileOffset(head, tile) + inPage % TILE * layer.valueSize();
            System.arraycopy(values, from, read, at, layer.valueSize());
            at += cache.shape().valueSize();
        }
        return read;
    }

    @ParameterizedTest
    @EnumSource
    void everyPositionReadsWhatItWasGivenWhateverItsNeighboursAre(CacheType type) {
        LayerConfig layer = layer(44, 70);
        KvCache cache = cache(layer, type);
        cache.reserve(0, POSITIONS);
        float[][] alone = new float[POSITIONS][];
        for (int position : new int[] {0, 31, 32, 255, 256, 299}) {
            write(cache, position, 7);
            write(cache, position, 100 + position);
            alone[position] = read(cache, position, layer);
        }
        for (int position = POSITIONS - 1; position >= 0; position--) {
            write(cache, position, 100 + position);
        }
        KvCache copy = cache.share(POSITIONS);
        cache.reserve(0, POSITIONS);
        for (int position = 0; position < POSITIONS; position++) {
            write(cache, position, 9);
            if (alone[position] != null) {
                assertArrayEquals(alone[position], read(copy, position, layer));
            }
        }
        copy.move(299, 3);
        assertArrayEquals(alone[299], read(copy, 3, layer));
        assertArrayEquals(alone[0], read(copy, 0, layer));
        assertArrayEquals(alone[299], read(copy, 299, layer));
    }

    @ParameterizedTest
    @EnumSource
    void quantizationErrorsAreThoseOfTheirBits(CacheType type) {
        LayerConfig layer = layer(64, 96);
        KvCache cache = cache(layer, type);
        cache.reserve(0, 1);
        write(cache, 0, 5);
        float[] exact = read(cacheOfFloats(layer, 5), 0, layer);
        float[] read = read(cache, 0, layer);
        double squares = 0;
        double errors = 0;
        for (int i = 0; i < read.length; i++) {
            squares += exact[i] * exact[i];
            errors += (exact[i] - read[i]) * (exact[i] - read[i]);
        }
        double[] expected = {0, 0.0003, 0.008, 0.12};
        assertEquals(expected[type.ordinal()], Math.sqrt(errors / squares), 0.4 * expected[type.ordinal()]);
    }

    /** What half precision cannot hold is its largest number and never infinite, which would make attention NaN. */
    @ParameterizedTest
    @EnumSource
    void hugeNumbersStayFinite(CacheType type) {
        LayerConfig layer = layer(32, 32);
        KvCache cache = cache(layer, type);
        cache.reserve(0, 1);
        float[] huge = new float[2 * 32];
        Arrays.fill(huge, 1e6f);
        huge[1] = -1e6f;
        cache.write(0, huge, 0, huge, 0);
        for (float number : read(cache, 0, layer)) {
            assertTrue(Math.abs(number) > 60_000 && Math.abs(number) <= 1e7f, type + " holds " + number);
        }
    }

    private static KvCache cacheOfFloats(LayerConfig layer, int seed) {
        KvCache cache = cache(layer, CacheType.F32);
        cache.reserve(0, 1);
        write(cache, 0, seed);
        return cache;
    }

    @ParameterizedTest
    @EnumSource
    void memoryIsWhatTheTypeSays(CacheType type) {
        KvCache cache = cache(layer(64, 32), type);
        cache.reserve(0, 257);
        int positions = cache.pageCount() * cache.shape().positions();
        assertEquals(5 * 64, positions);
        assertEquals((long) (positions * 2 * (64 + 32) * type.bitsPerNumber() / 8), cache.byteCount());
        assertEquals(cache.byteCount() / 5 * 2, cache.share(128).byteCount());
        assertEquals(3, cache.ownPageCount());
        assertEquals(4, Arrays.stream(CacheType.values()).distinct().count());
    }
}
