package dev.lathe.model.config;

/**
 * The shape of one block.
 *
 * @param headCount heads of queries
 * @param keyValueHeadCount heads of keys and values; divides {@code headCount}
 * @param keySize length of a head of queries and keys
 * @param valueSize length of a head of values
 * @param attentionScale factor of the scores
 * @param feedForwardSize inner length of the feed-forward part
 * @param slidingWindow how many last positions a position sees, itself included; 0 for all
 * @param rope how positions rotate queries and keys
 */
public record LayerConfig(
        int headCount,
        int keyValueHeadCount,
        int keySize,
        int valueSize,
        float attentionScale,
        int feedForwardSize,
        int slidingWindow,
        RopeConfig rope) {

    /** Checks that sizes are positive and heads divide. */
    public LayerConfig {
        requirePositive("head count", headCount);
        requirePositive("key-value head count", keyValueHeadCount);
        requirePositive("key size", keySize);
        requirePositive("value size", valueSize);
        requirePositive("feed-forward size", feedForwardSize);
        if (headCount % keyValueHeadCount != 0) {
            throw new IllegalArgumentException(
                    headCount + " heads cannot share " + keyValueHeadCount + " key-value heads: no whole multiple");
        }
        if (slidingWindow < 0) {
            throw new IllegalArgumentException("sliding window must not be negative, got " + slidingWindow);
        }
        if (!(attentionScale > 0) || Float.isInfinite(attentionScale)) {
            throw new IllegalArgumentException("attention scale must be positive, got " + attentionScale);
        }
        if (rope.dimensions() > keySize) {
            throw new IllegalArgumentException(
                    rope.dimensions() + " rotary dimensions do not fit in heads of " + keySize);
        }
        Math.multiplyExact(headCount, Math.max(keySize, valueSize));
    }

    private static void requirePositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }

    /** Heads of queries that share one head of keys and values. */
    public int groupSize() {
        return headCount / keyValueHeadCount;
    }
}
