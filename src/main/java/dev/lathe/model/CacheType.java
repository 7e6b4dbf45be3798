package dev.lathe.model;

/** How a state stores keys and values. */
public enum CacheType {
    /** float32: exact. */
    F32,
    /** IEEE half precision: half the memory, rounded once when stored. */
    F16
}
