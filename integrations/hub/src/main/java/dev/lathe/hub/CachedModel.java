package dev.lathe.hub;

import java.nio.file.Path;

/**
 * A model in the cache.
 *
 * @param name its name, which finds it without a network
 * @param commit the commit that it is of
 * @param bytes the bytes of its files
 * @param path what to load
 */
public record CachedModel(ModelName name, String commit, long bytes, Path path) {}
