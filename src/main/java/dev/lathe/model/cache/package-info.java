/**
 * Keys and values of texts: pages of floats, half precision or small integers, which texts share until one of them
 * writes, and how pages are saved.
 *
 * <p>A new cache type is a constant of {@link dev.lathe.model.CacheType} and a {@code KvPage} here; attention reads
 * tiles, or has the page read them where they lie, and knows no type.
 *
 * <p>Not exported. May import {@code model}, {@code model.config} and {@code tensor}.
 */
package dev.lathe.model.cache;
