package dev.lathe.model.family.card;

/** A family of decoders or encoders. Immutable and without state. */
@FunctionalInterface
public interface Family {
    /** What {@code feed_forward_length} is of the inner length: twice as much where files count gate and up together. */
    default int feedForwardFactor() {
        return 1;
    }

    /**
     * What a model of the family is made of.
     *
     * @throws dev.lathe.gguf.GgufException if a key is missing or wrong
     * @throws IllegalArgumentException if sizes do not fit
     */
    Description describe(Keys keys);
}
