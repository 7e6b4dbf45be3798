package dev.lathe.model.family;

/** A family of decoders or encoders. Immutable and without state. */
interface Family {
    /** The value of {@code general.architecture} in its files, also the prefix of their other keys. */
    String key();

    /**
     * What a model of the family is made of.
     *
     * @throws dev.lathe.gguf.GgufException if a key is missing or wrong
     * @throws IllegalArgumentException if sizes do not fit
     */
    Description describe(Keys keys);
}
