package dev.lathe.model;

/**
 * Where the keys and values of a model's texts are, under a limit.
 *
 * @param limit the most bytes in memory
 * @param residentBytes bytes in memory
 * @param fileBytes bytes that lie in a file alone
 * @param evictions pages that left memory so far
 * @param returns pages that came back
 * @param inPlaceBytes bytes that attention read where they lie
 */
public record PageStatistics(
        long limit, long residentBytes, long fileBytes, long evictions, long returns, long inPlaceBytes) {}
