package dev.lathe.decode;

/**
 * What a {@link PrefixTree} holds, and how often it was of use.
 *
 * @param texts texts remembered that are no beginnings of others
 * @param byteCount bytes of keys and values; pages that texts share are counted once
 * @param limit the most bytes
 * @param lookups prompts that were looked up: those of which no more was at hand
 * @param hits prompts of which a beginning was found
 * @param hitTokens tokens of these beginnings, which were not evaluated again
 * @param evictions ends of texts that were forgotten because of the limit
 */
public record PrefixStatistics(
        int texts, long byteCount, long limit, long lookups, long hits, long hitTokens, long evictions) {}
