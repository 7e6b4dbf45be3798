package dev.lathe.packed;

/**
 * Finds out for each layer which of two ways to read it is the faster one: through the system's page cache, which is
 * best where the file fits in there, or around it, which is best where it does not.
 *
 * <p>A round is as many bytes as a layer has, in one read or in many of its experts or neurons. The first rounds take
 * turns, later ones take the way that was faster when it was last taken. The other is tried again after ever more
 * rounds, until it took longer than a round of the faster way. Thread-safe.
 */
final class ReadingWays {
    private static final int TURNS = 3; // through the cache, around it, and through it with what the first left there
    private static final int MOST_BETWEEN = 128;

    private final Layer[] layers;

    /** What is known of one layer. */
    private static final class Layer {
        private final long byteCount;
        private final double[] nanosPerByte = new double[2]; // through the cache, around it; 0 before the first round
        private int rounds; // since the faster way became it
        private long bytes; // of this round, as follows
        private long nanos;

        Layer(long byteCount) {
            this.byteCount = byteCount;
        }

        boolean isAround() {
            return rounds < TURNS ? rounds == 1 : isTrial() != isFasterAround();
        }

        private boolean isTrial() {
            return rounds < TURNS
                    || rounds % MOST_BETWEEN == 0
                    || rounds < MOST_BETWEEN && rounds >= 8 && Integer.bitCount(rounds) == 1;
        }

        private boolean isFasterAround() {
            return nanosPerByte[1] < nanosPerByte[0];
        }

        void ended(long readBytes, long readNanos) {
            bytes += readBytes;
            nanos += readNanos;
            int way = isAround() ? 1 : 0;
            double other = nanosPerByte[1 - way] * byteCount;
            if (bytes >= byteCount || isTrial() && other > 0 && nanos > other) {
                boolean before = isFasterAround();
                nanosPerByte[way] = (double) nanos / Math.max(1, bytes);
                rounds = rounds >= TURNS && before != isFasterAround() ? TURNS : rounds + 1;
                bytes = 0;
                nanos = 0;
            }
        }
    }

    /** By the bytes that are read of each layer. */
    ReadingWays(long... layerBytes) {
        layers = new Layer[layerBytes.length];
        for (int layer = 0; layer < layers.length; layer++) {
            layers[layer] = new Layer(layerBytes[layer]);
        }
    }

    /** Whether the next read of a layer goes around the cache. */
    synchronized boolean isAround(int layer) {
        return layers[layer].isAround();
    }

    /** Notes how long a read took; one that began in another round, and went the other way, tells nothing. */
    synchronized void ended(int layer, boolean around, long readBytes, long readNanos) {
        if (around == layers[layer].isAround()) {
            layers[layer].ended(readBytes, readNanos);
        }
    }
}
