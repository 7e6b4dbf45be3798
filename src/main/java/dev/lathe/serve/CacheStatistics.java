package dev.lathe.serve;

/**
 * Keys and values that the texts of an engine hold. All are 0 where they are not limited.
 *
 * @param bytes bytes in memory now, of pages that several texts share once
 * @param asleep texts that sleep now
 * @param slept how often a text was put to sleep
 * @param writtenBytes bytes of keys and values that were written for it
 */
public record CacheStatistics(long bytes, int asleep, long slept, long writtenBytes) {}
