package dev.lathe.model.decoder;

/** The half of a layer in which a token sees others. Immutable; concurrent states share it. */
interface TokenMixer {
    /**
     * Reads the residual stream, keeps what later tokens need, and adds to the stream.
     *
     * @param index the layer's, whose caches are read and written
     */
    void run(int index, Pass pass, DecoderBuffers buffers);

    /** Keeps what later tokens need, and leaves the residual stream as it is. */
    void fillCache(int index, Pass pass, DecoderBuffers buffers);

    /** The residual connection alone. */
    void skip(int rows, DecoderBuffers buffers);
}
